"""The openers of ``urllib.request`` from Python 2, on today's functions."""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
import urllib.response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class URLopener:
    """Opens URLs; subclasses may have ``open_SCHEME`` and ``http_error_CODE`` methods."""

    version = f"Python-urllib/{urllib.request.__version__}"  # type: ignore[attr-defined]

    def __init__(self, proxies: dict[str, str] | None = None, **x509: Any) -> None:
        """Use the proxies, those of the environment without any."""
        self.proxies = urllib.request.getproxies() if proxies is None else proxies
        self.addheaders = [("User-Agent", self.version), ("Accept", "*/*")]
        self.tempcache: dict[str, Any] | None = None
        self._temporary: list[str] = []

    def addheader(self, *args: Any) -> None:
        """Send one more header with each request."""
        self.addheaders.append(args)

    def open(self, fullurl: str, data: Any = None) -> Any:
        """Open a URL.

        Raises:
            OSError: it can't be opened.
        """
        scheme = fullurl.partition(":")[0].lower() if ":" in fullurl else "file"
        own = getattr(self, "open_" + scheme.replace("-", "_"), None)
        if own is not None:
            rest = fullurl.partition(":")[2]
            return own(rest) if data is None else own(rest, data)
        if scheme == "file" and ":" not in fullurl:
            fullurl = "file:" + urllib.request.pathname2url(fullurl)
        director = urllib.request.build_opener(urllib.request.ProxyHandler(self.proxies))
        director.addheaders = self.addheaders
        try:
            return director.open(fullurl, data)
        except urllib.error.HTTPError as error:
            return self.http_error(fullurl, error, error.code, error.msg, error.headers, data)

    def open_unknown(self, fullurl: str, data: Any = None) -> NoReturn:
        """Refuse a scheme."""
        raise OSError("url error", "unknown url type", fullurl)

    def http_error(
        self, url: str, fp: Any, errcode: int, errmsg: str, headers: Any, data: Any = None
    ) -> Any:
        """Call the method for the status, then the default one."""
        method = getattr(self, f"http_error_{errcode}", None)
        if method is not None:
            args = (url, fp, errcode, errmsg, headers)
            result = method(*args) if data is None else method(*args, data)
            if result:
                return result
        return self.http_error_default(url, fp, errcode, errmsg, headers)

    def http_error_default(self, url: str, fp: Any, errcode: int, errmsg: str, headers: Any) -> Any:
        """Raise HTTPError."""
        fp.close()
        raise urllib.error.HTTPError(url, errcode, errmsg, headers, None)

    def retrieve(
        self, url: str, filename: str | None = None, reporthook: Any = None, data: Any = None
    ) -> tuple[str, Any]:
        """Copy what a URL gives into a file; return its name and the headers."""
        import os
        import tempfile

        with self.open(url, data) as source:
            headers = source.info()
            if filename is None:
                number, filename = tempfile.mkstemp(os.path.splitext(url)[1])
                os.close(number)
                self._temporary.append(filename)
            size = int(headers.get("Content-Length", -1))
            with open(filename, "wb") as target:
                for count in iter(lambda: target.write(source.read(8192)), 0):
                    if reporthook:
                        reporthook(target.tell() // 8192, count, size)
        return filename, headers

    def cleanup(self) -> None:
        """Remove the temporary files."""
        import os

        while self._temporary:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary.pop())

    close = cleanup


class FancyURLopener(URLopener):
    """Opens URLs; a status that tells of an error is given like an answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Use the proxies, those of the environment without any."""
        super().__init__(*args, **kwargs)
        self.auth_cache: dict[str, Any] = {}
        self.maxtries = 10

    def http_error_default(self, url: str, fp: Any, errcode: int, errmsg: str, headers: Any) -> Any:
        """Return the answer that came with the error."""
        return urllib.response.addinfourl(fp, headers, "http:" + url, errcode)

    def prompt_user_passwd(self, host: str, realm: str) -> tuple[str, str]:
        """Ask on the terminal for name and password."""
        import getpass

        user = input(f"Enter username for {realm} at {host}: ")
        return user, getpass.getpass(f"Enter password for {user} in {realm} at {host}: ")
