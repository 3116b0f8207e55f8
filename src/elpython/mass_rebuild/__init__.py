"""Mass rebuild: plan the packages of a stack, build them in order, tell what failed and why.

From Python, with a folder that keeps everything (`plan.json`, `journal.sqlite`, `logs/`, `index/`
or `repo/`, `status.html`):

    from elpython.mass_rebuild import interpreters, options, plan, specs, wheels, work

    new = interpreters.ask(interpreters.find("3.13"))

    # a wheel set
    made = wheels.plan_wheels(
        wheels.WheelSet(requirements=("markupsafe==3.0.2",), interpreter=new, store=store)
    )
    # or a folder of spec files (or *.src.rpm), with the text of the stack's macro file
    made = specs.plan_specs(
        specs.SpecSet(folder=folder, interpreter=new, macros=text, store=store)
    )

    plan.save(made, folder / "plan.json")
    result = work.run(folder, work.How(slots=1, control="3.11", store=store))
    result = work.run(folder, work.How(workers=2, store=store))  # two Dask workers here
    found = work.report(folder)

`work.run` takes up a run that was stopped: calling it again is resuming. `work.products(folder)`
gives the built files. Of the report, `found.share` is the built share of all packages (0 to 1),
`found.rows` has one row a package with its `state` (`built`, `prebuilt`, `check failed`, `failed`,
`blocked`, `building`, `waiting`), and `found.causes` the failures by root cause.

`How.watch` is called about once a second while builds are under way, with the executor: with Dask
that is `dask.DaskExecutor`, whose `client` is the `distributed.Client` and whose `worker_pids()`
gives the workers' process ids (to lose one on purpose); with the pool it is `pool.Pool` with
`workers()` (process id to the key of what it builds). A lost
worker costs only the builds that it held.

Built RPMs that a build needs are unpacked below `/build/root` in its sandbox; their site-packages
are on the path of the interpreter of the same X.Y, `root/usr/bin` is on PATH. Interpreters that
`%__python3*` macros name by absolute path are readable inside.
"""
