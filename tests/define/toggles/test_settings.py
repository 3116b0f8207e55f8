"""Where a toggle's value comes from: every source, their order, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import find_interpreters

if TYPE_CHECKING:
    from conftest import Package

MAIL, TAR, QS = "email-addresses", "tarfile-filter", "parse-qs-separator"
HTTPS, DIGITS = "https-verify", "int-str-digits"
SYSTEM, PREFIX = "/etc/elpython/toggles.cfg", "/prefix/etc/elpython/toggles.cfg"
FATAL = "Fatal Python error: toggles: "


def test_without_anything_each_has_its_branchs_default(package: Package) -> None:
    asked = package.ask()
    assert asked.code == 0
    assert asked.toggles[MAIL] == ["strict", "EL Python 3.11"]
    assert asked.toggles[TAR] == ["fully_trusted", "EL Python 3.11"]
    assert asked.digits == 4300


@pytest.mark.parametrize(
    ("word", "value"), [("lenient", "lenient"), ("legacy", "lenient"), ("new", "strict")]
)
def test_the_words_new_and_legacy_stand_for_values(package: Package, word: str, value: str) -> None:
    assert package.ask(ELPYTHON_TOGGLES=f"{MAIL}={word}").toggles[MAIL][0] == value


def test_sources_come_in_their_order(package: Package) -> None:
    """Environment, -X, the prefix's file, the system's file, Red Hat's variable and file."""
    rh_file = package.write("/etc/python/tarfile.cfg", "[tarfile]\n" + _RH + " = tar\n")
    assert package.ask().toggles[TAR] == ["tar", f"{rh_file}, line 2"]
    env = {"PYTHON_TARFILE_EXTRACTION_FILTER": "fully_trusted"}
    variable = "PYTHON_TARFILE_EXTRACTION_FILTER"
    assert package.ask(**env).toggles[TAR] == ["fully_trusted", variable]
    system = package.write(SYSTEM, f"\n# ours\n{TAR} = data\n")
    assert package.ask(**env).toggles[TAR] == ["data", f"{system}, line 3"]
    prefix = package.write(PREFIX, f"{TAR}=tar\n")
    assert package.ask(**env).toggles[TAR] == ["tar", f"{prefix}, line 1"]
    option = ("-X", f"el_toggles={TAR}=data")
    assert package.ask(*option, **env).toggles[TAR] == ["data", "-X el_toggles"]
    env["ELPYTHON_TOGGLES"] = f"{TAR}=fully_trusted"
    assert package.ask(*option, **env).toggles[TAR] == ["fully_trusted", "ELPYTHON_TOGGLES"]


_RH = "PYTHON_TARFILE_EXTRACTION_FILTER"


def test_sources_add_up(package: Package) -> None:
    package.write(SYSTEM, f"{MAIL} = lenient\n{QS} = both\n")
    asked = package.ask("-X", f"el_toggles={QS}=semicolon", ELPYTHON_TOGGLES=f"{HTTPS}=skip")
    values = [asked.toggles[name][0] for name in (MAIL, QS, HTTPS)]
    assert values == ["lenient", "semicolon", "skip"]


@pytest.mark.parametrize("switch", ["-E", "-I"])
def test_the_environment_is_ignored_on_request(package: Package, switch: str) -> None:
    env = {
        "ELPYTHON_TOGGLES": f"{MAIL}=lenient",
        "PYTHON_TARFILE_EXTRACTION_FILTER": "data",
        "PYTHONHTTPSVERIFY": "0",
        "PYTHONINTMAXSTRDIGITS": "0",
    }
    package.write(SYSTEM, f"{QS} = both\n")
    asked = package.ask(switch, "-X", f"el_toggles={DIGITS}=1000", **env)
    values = [asked.toggles[name][0] for name in (MAIL, TAR, HTTPS, QS, DIGITS)]
    assert values == ["strict", "fully_trusted", "verify", "both", "1000"]
    assert package.ask(switch, ELPYTHON_TOGGLES="nonsense").code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("email-adresses=strict", "there is no toggle 'email-adresses'; did you mean 'email-addr"),
        (f"{MAIL}=strikt", "email-addresses cannot be 'strikt'; did you mean 'strict'?"),
        (f"{MAIL}", "'email-addresses' is not of the form name=value"),
        (f"{MAIL}=", "email-addresses cannot be ''; known are strict, lenient, new, legacy"),
        ("=strict", "there is no toggle ''"),
        (f"{MAIL}=strict,{MAIL}=lenient", "email-addresses is set twice"),
        (f"{DIGITS}=639", "int-str-digits cannot be '639'"),
        (f"{DIGITS}=-1", "int-str-digits cannot be '-1'"),
        (f"{DIGITS}=9999999999", "or a whole number from 640 on"),
        (f"{DIGITS}=٦٤٠٠", "int-str-digits cannot be '٦٤٠٠'"),
    ],
)
def test_what_cannot_be_taken_ends_the_start_and_names_its_place(
    package: Package, text: str, message: str
) -> None:
    asked = package.ask(ELPYTHON_TOGGLES=text)
    assert asked.code == 1
    assert asked.errors[0].startswith(f"{FATAL}ELPYTHON_TOGGLES: ")
    assert message in asked.errors[0]
    asked = package.ask("-X", f"el_toggles={text}")
    assert asked.errors[0].startswith(f"{FATAL}-X el_toggles: ")
    path = package.write(SYSTEM, "# first\n\n" + text.replace(",", "\n"))
    asked = package.ask()
    assert asked.code == 1
    assert asked.errors[0].startswith(f"{FATAL}{path}, line ")
    assert message in asked.errors[0]


@pytest.mark.parametrize(
    "slip", ["el_toggle", "el-toggles", "EL_TOGGLES", "eltoggles", "elpython_toggles", "toggles"]
)
@pytest.mark.parametrize("switch", [(), ("-I",), ("-E",)])
def test_an_option_of_nearly_the_name_is_told_and_not_read(
    package: Package, slip: str, switch: tuple[str, ...]
) -> None:
    asked = package.ask(*switch, "-X", f"{slip}={MAIL}=lenient")
    assert (asked.code, asked.toggles[MAIL][0]) == (0, "strict")
    assert asked.errors == [f"elpython: warning: -X {slip} is not read; -X el_toggles is"]


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("ELPYTHON_TOGGLE", "ELPYTHON_TOGGLES"),
        ("ELPYTHON_TOGGLES_", "ELPYTHON_TOGGLES"),
        ("ELPYTHON_TOGGLE_REPORT", "ELPYTHON_TOGGLES_REPORT"),
    ],
)
def test_a_variable_of_nearly_the_name_is_told_and_not_read(
    package: Package, slip: str, meant: str
) -> None:
    asked = package.ask(**{slip: f"{MAIL}=lenient"})
    assert (asked.code, asked.toggles[MAIL][0]) == (0, "strict")
    assert asked.errors == [f"elpython: warning: {slip} is not read; {meant} is"]
    assert package.ask("-E", **{slip: "1"}).errors == []


@pytest.mark.parametrize("switch", ["-I", "-E"])
def test_the_option_holds_where_the_environment_does_not(package: Package, switch: str) -> None:
    option = ("-X", f"el_toggles={MAIL}=lenient")
    asked = package.ask(switch, *option, ELPYTHON_TOGGLES=f"{MAIL}=strict")
    assert asked.toggles[MAIL] == ["lenient", "-X el_toggles"]
    assert package.ask(switch, "-X", "el_toggles=spam=1").code == 1
    # Of an option that is given twice, the last one counts, as of every -X.
    again = package.ask(switch, *option, "-X", f"el_toggles={MAIL}=strict")
    assert again.toggles[MAIL][0] == "strict"


def test_the_line_of_a_file_is_named(package: Package) -> None:
    path = package.write(SYSTEM, f"# ours\r\n{MAIL} = strict\r\n\r\nspam = eggs\r\n")
    assert package.ask().errors[0].startswith(f"{FATAL}{path}, line 4: there is no toggle 'spam'")


def test_all_problems_are_told_at_once(package: Package) -> None:
    package.write(SYSTEM, "spam = 1\neggs = 2\n")
    package.write("/etc/python/tarfile.cfg", f"[tarfile]\n{_RH} = date\n")
    asked = package.ask(
        "-X", "el_toggles", ELPYTHON_TOGGLES="ham=1", PYTHON_URLLIB_QS_SEPARATOR="x"
    )
    assert asked.code == 1
    assert len(asked.errors) == 6
    assert all(line.startswith(FATAL) for line in asked.errors)
    assert any("-X el_toggles: needs name=value" in line for line in asked.errors)
    assert any("tarfile.cfg, line 2: 'date' is not known; did you mean 'data'?" in line
               for line in asked.errors)  # fmt: skip


def test_a_file_that_is_no_text_or_cannot_be_read_is_told(package: Package) -> None:
    path = package.write(SYSTEM, b"\xff\xfe")
    assert package.ask().errors == [f"{FATAL}{path}: is not UTF-8: byte 0"]
    path.unlink()
    path.mkdir()
    assert package.ask().errors == [f"{FATAL}{path}: cannot be read: Is a directory"]


def test_a_byte_order_mark_and_blank_settings_are_no_problem(package: Package) -> None:
    package.write(SYSTEM, b"\xef\xbb\xbfemail-addresses=lenient\n")
    asked = package.ask(ELPYTHON_TOGGLES=" , ,")
    assert (asked.code, asked.toggles[MAIL][0]) == (0, "lenient")
    assert package.ask(ELPYTHON_TOGGLES="").code == 0


def test_a_toggle_that_only_another_branch_has_is_taken_and_does_nothing(
    package: Package,
) -> None:
    table = package.folder / "_elpython" / "_table.py"
    text = table.read_text()
    assert text.count("'here': True") >= 7
    table.write_text(text.replace("'here': True", "'here': False", 1))
    first = text.split("TOGGLES = {'")[1].split("'")[0]
    asked = package.ask(ELPYTHON_TOGGLES=f"{first}=legacy")
    assert asked.code == 0
    assert first not in asked.toggles


@pytest.mark.parametrize(
    ("variable", "word", "name", "value"),
    [
        ("PYTHON_EMAIL_DISABLE_STRICT_ADDR_PARSING", "1", MAIL, "lenient"),
        ("PYTHON_EMAIL_DISABLE_STRICT_ADDR_PARSING", "true", MAIL, "lenient"),
        ("PYTHON_EMAIL_DISABLE_STRICT_ADDR_PARSING", "", MAIL, "strict"),
        ("PYTHON_TARFILE_EXTRACTION_FILTER", "data", TAR, "data"),
        ("PYTHON_TARFILE_EXTRACTION_FILTER", "tar", TAR, "tar"),
        ("PYTHON_URLLIB_QS_SEPARATOR", "&", QS, "ampersand"),
        ("PYTHON_URLLIB_QS_SEPARATOR", ";", QS, "semicolon"),
        ("PYTHON_URLLIB_QS_SEPARATOR", "legacy", QS, "both"),
        ("PYTHONHTTPSVERIFY", "0", HTTPS, "skip"),
        ("PYTHONHTTPSVERIFY", "1", HTTPS, "verify"),
        ("PYTHONINTMAXSTRDIGITS", "0", DIGITS, "0"),
        ("PYTHONINTMAXSTRDIGITS", "5000", DIGITS, "5000"),
    ],
)
def test_variables_of_other_pythons_are_honoured(
    package: Package, variable: str, word: str, name: str, value: str
) -> None:
    got, source = package.ask(**{variable: word}).toggles[name]
    assert got == value
    assert source in {variable, "EL Python 3.11"}


@pytest.mark.parametrize(
    ("file", "text", "name", "value"),
    [
        ("email.cfg", "[email_addr_parsing]\nPYTHON_EMAIL_DISABLE_STRICT_ADDR_PARSING = true\n",
         MAIL, "lenient"),
        ("email.cfg", "[email_addr_parsing]\nPYTHON_EMAIL_DISABLE_STRICT_ADDR_PARSING: Off\n",
         MAIL, "strict"),
        ("email.cfg", "[spam]\nPYTHON_EMAIL_DISABLE_STRICT_ADDR_PARSING = true\n", MAIL, "strict"),
        ("tarfile.cfg", "# x\n[tarfile]\npython_tarfile_extraction_filter=data\n", TAR, "data"),
        ("tarfile.cfg", "[tarfile]\nPYTHON_TARFILE_EXTRACTION_FILTER =\n", TAR, "fully_trusted"),
        ("urllib.cfg", "[parse_qs]\nPYTHON_URLLIB_QS_SEPARATOR = ;\n", QS, "semicolon"),
        ("urllib.cfg", "[parse_qs]\nPYTHON_URLLIB_QS_SEPARATOR = legacy\n", QS, "both"),
        ("cert-verification.cfg", "[https]\nverify=disable\n", HTTPS, "skip"),
        ("cert-verification.cfg", "[https]\nverify=platform_default\n", HTTPS, "verify"),
    ],
)  # fmt: skip
def test_files_of_other_pythons_are_honoured(
    package: Package, file: str, text: str, name: str, value: str
) -> None:
    package.write(f"/etc/python/{file}", text)
    assert package.ask().toggles[name][0] == value


def test_cpythons_own_switch_for_digits_wins(package: Package) -> None:
    """It is set for one process, as an argument is; the toggle for all of a machine."""
    env = {"ELPYTHON_TOGGLES": f"{DIGITS}=2000"}
    assert package.ask(**env).digits == 2000
    asked = package.ask("-X", "int_max_str_digits=3000", **env)
    assert (asked.digits, asked.toggles[DIGITS]) == (3000, ["3000", "-X int_max_str_digits"])


def test_reset_resolves_anew_in_place(package: Package) -> None:
    then = (
        "import os\n"
        "kept = toggles.toggle('email-addresses')\n"
        "os.environ['ELPYTHON_TOGGLES'] = 'email-addresses=lenient'\n"
        "before = kept.legacy\n"
        "toggles.reset()\n"
        "print(before, kept.legacy, toggles.toggle('email-addresses') is kept)\n"
    )
    assert package.ask(then=then).more == "False True True"


def test_without_site_a_wrong_setting_is_an_error_at_the_first_use(package: Package) -> None:
    then = (
        "import os\n"
        "os.environ['ELPYTHON_TOGGLES'] = 'spam=1'\n"
        "toggles._state.asked = None\n"
        "toggles._state.known.clear()\n"
        "toggles.value('email-addresses')\n"
    )
    asked = package.ask(then=then)
    assert asked.code == 1
    assert "ToggleError: ELPYTHON_TOGGLES: there is no toggle 'spam'" in asked.errors[-1]


REPORT = """
def calls(module, body):
    space = {"__name__": module, "legacy": toggles.legacy}
    exec(f"def call(inner=None):\\n    {body}", space)
    return space["call"]
library = calls("email.utils", "return legacy('email-addresses')")
calls("shop.mail", "return [inner() for _ in range(3)]")(library)
calls("shop.web", "return legacy('parse-qs-separator')")()
"""


def test_the_report_counts_uses_by_module(package: Package) -> None:
    env = {"ELPYTHON_TOGGLES": f"{MAIL}=legacy,{QS}=legacy,{HTTPS}=legacy"}
    asked = package.ask(then=REPORT, ELPYTHON_TOGGLES_REPORT="1", **env)
    assert asked.code == 0
    assert asked.errors == [
        "elpython: email-addresses=lenient (ELPYTHON_TOGGLES): used 3 time(s), by shop.mail (3)",
        "elpython: https-verify=skip (ELPYTHON_TOGGLES): not used",
        "elpython: parse-qs-separator=both (ELPYTHON_TOGGLES): used 1 time(s), by shop.web (1)",
        "elpython: tarfile-filter=fully_trusted (EL Python 3.11): not used",
    ]
    assert package.ask(then=REPORT, **env).errors == []


def test_the_report_goes_to_a_file_line_by_line(package: Package) -> None:
    target = package.root / "report.jsonl"
    env = {"ELPYTHON_TOGGLES": f"{MAIL}=legacy", "ELPYTHON_TOGGLES_REPORT": str(target)}
    for _ in range(2):
        assert package.ask(then=REPORT, **env).errors == []
    first, second = [json.loads(line) for line in target.read_text().splitlines()]
    assert first["pid"] != second["pid"]
    assert first["legacy"][0] == {
        "toggle": MAIL,
        "value": "lenient",
        "source": "ELPYTHON_TOGGLES",
        "used": 3,
        "modules": {"shop.mail": 3},
    }
    assert target.stat().st_mode & 0o077 == 0
    asked = package.ask(ELPYTHON_TOGGLES_REPORT=str(package.root / "no" / "such"))
    assert asked.code == 0
    assert asked.errors[0].endswith("cannot be written: No such file or directory")


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_the_file_tells_of_a_process_that_is_ended(package: Package, end: str) -> None:
    target = package.root / "report.jsonl"
    env = {"ELPYTHON_TOGGLES": f"{MAIL}=legacy,{QS}=legacy", "ELPYTHON_TOGGLES_REPORT": str(target)}
    then = (
        REPORT
        + "\nimport os, sys\nsys.stdout.flush()\nfor _ in range(7):\n    if os.fork() == 0:\n"
        "        calls('shop.mail', 'return inner()')(library)\n"
        f"        {end}\n    os.wait()\n"
    )
    assert package.ask(then=then, **env).errors == []
    told = [json.loads(line) for line in target.read_text().splitlines()]
    assert len({item["pid"] for item in told}) == len(told) == 8
    used = [each["used"] for item in told for each in item["legacy"] if each["toggle"] == MAIL]
    assert sorted(used) == [1] * 7 + [3]


def test_a_line_that_outgrows_its_place_is_written_anew(package: Package) -> None:
    target = package.root / "report.jsonl"
    env = {"ELPYTHON_TOGGLES": f"{MAIL}=legacy", "ELPYTHON_TOGGLES_REPORT": str(target)}
    then = REPORT + (
        "\nfor number in range(60):\n"
        "    calls(f'shop.module_{number:040}', 'return inner()')(library)\n"
    )
    assert package.ask(then=then, **env).errors == []
    told = [json.loads(line) for line in target.read_text().splitlines() if line.strip()]
    assert len(told) == 1
    assert told[0]["legacy"][0]["used"] == 63


def test_nearly_the_name_of_a_switch_is_warned_of(package: Package) -> None:
    asked = package.ask(ELPYTHON_TOGGLE=f"{MAIL}=legacy", ELPYTHON_TOGGLES_REPORTS="1")
    assert asked.code == 0
    assert sorted(asked.errors) == [
        "elpython: warning: ELPYTHON_TOGGLE is not read; ELPYTHON_TOGGLES is",
        "elpython: warning: ELPYTHON_TOGGLES_REPORTS is not read; ELPYTHON_TOGGLES_REPORT is",
    ]


def test_a_child_process_does_not_tell_its_parents_counts(package: Package) -> None:
    then = REPORT + "\nimport os\nif os.fork() == 0:\n    raise SystemExit\nos.wait()\n"
    env = {"ELPYTHON_TOGGLES": f"{MAIL}=legacy", "ELPYTHON_TOGGLES_REPORT": "1"}
    told = [line for line in package.ask(then=then, **env).errors if MAIL in line]
    words = sorted(line.rsplit(": ")[-1].split(",")[0] for line in told)
    assert words == ["not used", "used 3 time(s)"]


def test_the_cores_event_is_counted(package: Package) -> None:
    then = "for _ in range(2):\n    sys.audit('elpython.legacy', 'int-str-digits')\n"
    env = {"ELPYTHON_TOGGLES": f"{DIGITS}=legacy", "ELPYTHON_TOGGLES_REPORT": "1"}
    line = "elpython: int-str-digits=0 (ELPYTHON_TOGGLES): used 2 time(s), by __main__ (2)"
    assert line in package.ask(then=then, **env).errors


def test_a_provisional_feature_warns_once_where_the_branch_says_so(package: Package) -> None:
    then = (
        "import _elpython, warnings\n"
        "warnings.simplefilter('always')\n"
        "def uuid7():\n"
        "    _elpython.provisional('uuid.uuid7')\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    uuid7(); uuid7()\n"
        "print([(item.category.__name__, str(item.message).split()[0]) for item in caught])\n"
    )
    assert package.ask(then=then).more == "[]"
    told = package.folder / "_elpython" / "features.json"
    told.write_text('{"features": [], "provisional-warning": false}')
    assert package.ask(then=then).more == "[]"
    told.write_text('{"features": [], "provisional-warning": true}')
    assert package.ask(then=then).more == "[('ProvisionalFeatureWarning', 'uuid.uuid7')]"


@pytest.mark.parametrize("series", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_the_package_runs_on_every_python_of_a_branch(package: Package, series: str) -> None:
    python = find_interpreters().get(series)
    if python is None:
        pytest.skip(f"there is no Python {series} on this machine")
    package.python = str(python)
    env = {"ELPYTHON_TOGGLES": f"{DIGITS}=1000", "ELPYTHON_TOGGLES_REPORT": "1"}
    asked = package.ask(**env)
    assert (asked.code, asked.digits) == (0, 1000), asked.errors


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60))
def test_no_file_makes_a_traceback(package: Package, text: str) -> None:
    package.write(SYSTEM, text)
    asked = package.ask()
    assert asked.code in {0, 1}
    assert all(line.startswith("Fatal Python error: toggles: ") for line in asked.errors)
