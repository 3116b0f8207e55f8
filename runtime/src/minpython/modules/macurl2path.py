"""The `macurl2path` module as it was up to Python 3.6: URLs and paths of the classic Mac OS.

Gone in 3.7; the modern way is `urllib.request.url2pathname`.
"""

import urllib.parse

__all__ = ["pathname2url", "url2pathname"]


def url2pathname(pathname: str) -> str:
    """Turn the path of a `file` URL into a path with colons.

    Raises:
        RuntimeError: the URL is no local file.
    """
    scheme, rest = urllib.parse.splittype(pathname)  # type: ignore[attr-defined]
    if scheme and scheme != "file":
        raise RuntimeError("Cannot convert non-local URL to pathname")
    if rest[:3] == "///":
        rest = rest[2:]
    elif rest[:2] == "//":
        raise RuntimeError("Cannot convert non-local URL to pathname")
    kept: list[str] = []
    for part in rest.split("/"):
        if part == ".":
            continue
        if part == ".." and kept and kept[-1] not in ("", ".."):
            kept.pop()
        elif part or not kept or kept[-1] != "":
            kept.append(part)
    if kept and kept[0] == "":
        words = kept[1:]
    else:
        ups = 0
        while ups < len(kept) and kept[ups] == "..":
            ups += 1
        words = [""] * (ups + 1) + kept[ups:]
    return urllib.parse.unquote(":".join(words))


def pathname2url(pathname: str) -> str:
    """Turn a path with colons into the path of a `file` URL.

    Raises:
        RuntimeError: a part of the path holds a slash.
    """
    if "/" in pathname:
        raise RuntimeError("Cannot convert pathname containing slashes")
    parts = pathname.split(":")
    if parts and parts[0] == "":
        parts = parts[1:]
        absolute = False
    else:
        absolute = ":" in pathname
    names = [urllib.parse.quote(".." if part == "" else part[:31], safe="") for part in parts]
    return ("/" if absolute else "") + "/".join(names)
