"""Names that went and that something else still stands for: pure data, one restorer.

Each entry tells, for one behaviour and one target module, what comes back:

* ``old`` or ``old=new``: an attribute of the module, read as ``new`` of the same module,
* ``old=module:new``: read from another module (``old=module:`` is that module itself),
* ``Class.old=new``: an attribute of a class, the same as ``new`` of that class.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.patch import Patch

_OWN = "minpython.restorers."

NAMES = {
    "aifc-openfp": {"aifc": "openfp=open"},
    "ast-constant-fields": {"ast": f"Constant.n={_OWN}ast:VALUE Constant.s={_OWN}ast:VALUE"},
    "asyncio-async": {"asyncio": "async=ensure_future", "asyncio.tasks": "async=ensure_future"},
    "asyncio-errors": {
        "asyncio.events": "SendfileNotAvailableError=asyncio:SendfileNotAvailableError",
        "asyncio.futures": (
            "CancelledError=asyncio:CancelledError InvalidStateError=asyncio:InvalidStateError "
            "TimeoutError=asyncio:TimeoutError"
        ),
        "asyncio.streams": (
            "IncompleteReadError=asyncio:IncompleteReadError "
            "LimitOverrunError=asyncio:LimitOverrunError"
        ),
    },
    "asyncio-event-loop-policies": {
        "asyncio.events": (
            "AbstractEventLoopPolicy=_AbstractEventLoopPolicy "
            "BaseDefaultEventLoopPolicy=_BaseDefaultEventLoopPolicy"
        ),
        "asyncio.unix_events": "DefaultEventLoopPolicy=_DefaultEventLoopPolicy",
    },
    "asyncio-overlapped": {"asyncio": "_overlapped=_overlapped:"},
    "asyncio-selectors": {"asyncio": "selectors=selectors:"},
    "asyncio-windows-socketpair": {"asyncio.windows_utils": "socketpair=socket:socketpair"},
    "base64-encodestring": {"base64": "encodestring=encodebytes decodestring=decodebytes"},
    "binascii-hqx": {
        "binascii": " ".join(
            f"{name}=minpython.modules._hqx:{name}"
            for name in ("a2b_hqx", "b2a_hqx", "rlecode_hqx", "rledecode_hqx")
        ),
    },
    "calendar-month-functions": {
        "calendar": "monthlen=_monthlen nextmonth=_nextmonth prevmonth=_prevmonth",
    },
    "cgi-escape": {
        "cgi": (
            f"escape={_OWN}cgi:escape parse_qs=urllib.parse:parse_qs "
            "parse_qsl=urllib.parse:parse_qsl"
        ),
    },
    "codecs-unicode-internal": {
        "codecs": (
            "unicode_internal_decode=minpython.modules.encodings.unicode_internal:decode "
            "unicode_internal_encode=minpython.modules.encodings.unicode_internal:encode"
        ),
    },
    "configparser-legacy-interpolation": {
        "configparser": f"LegacyInterpolation={_OWN}_configparser:LegacyInterpolation",
    },
    "configparser-safeconfigparser": {
        "configparser": (
            f"SafeConfigParser=ConfigParser RawConfigParser.readfp={_OWN}configparser:readfp"
        ),
    },
    "gettext-lgettext": {
        "gettext": " ".join(
            f"{name}={_OWN}_gettext:{name}"
            for name in (
                "bind_textdomain_codeset",
                "ldgettext",
                "ldngettext",
                "lgettext",
                "lngettext",
            )
        ),
    },
    "glob-glob0": {"glob": "glob0=_glob0 glob1=_glob1"},
    "html-parser-unescape": {"html.parser": f"HTMLParser.unescape={_OWN}html:unescape"},
    "http-client-maxamount": {"http.client": f"MAXAMOUNT={_OWN}http:MAXAMOUNT"},
    "importlib-abc-resources": {
        "importlib.abc": (
            "ResourceReader=importlib.resources.abc:ResourceReader "
            "Traversable=importlib.resources.abc:Traversable "
            "TraversableResources=importlib.resources.abc:TraversableResources"
        ),
    },
    "inspect-getargspec": {
        "inspect": (
            f"ArgSpec={_OWN}_inspect:ArgSpec getargspec={_OWN}_inspect:getargspec "
            f"formatargspec={_OWN}_inspect:formatargspec"
        ),
    },
    "inspect-signature-from": {
        "inspect": (
            f"Signature.from_builtin={_OWN}_inspect:FROM_CALLABLE "
            f"Signature.from_function={_OWN}_inspect:FROM_CALLABLE"
        ),
    },
    "internal-names-3-10": {
        "hmac": (
            f"HMAC.digest_cons={_OWN}_hmac:DIGEST_CONS HMAC.inner={_OWN}_hmac:INNER "
            f"HMAC.outer={_OWN}_hmac:OUTER"
        ),
        "http.client": f"MAXAMOUNT={_OWN}http:MAXAMOUNT",
        "http.cookiejar": f"MozillaCookieJar.header={_OWN}http:NETSCAPE_HEADER",
        "pathlib": f"supports_symlinks={_OWN}pathlib:SUPPORTS_SYMLINKS",
        "pdb": "getsourcelines=inspect:getsourcelines",
        "pyclbr": "DEDENT=token:DEDENT NAME=token:NAME OP=token:OP",
    },
    "internal-names-3-11": {
        "http.cookiejar": f"vals_sorted_by_key={_OWN}http:vals_sorted_by_key",
        "modulefinder": " ".join(
            f"{name}={_OWN}_opcodes:{name}"
            for name in (
                "EXTENDED_ARG",
                "IMPORT_NAME",
                "LOAD_CONST",
                "STORE_GLOBAL",
                "STORE_NAME",
                "STORE_OPS",
            )
        ),
        "pathlib": "EINVAL=errno:EINVAL",
        "sre_parse": f"Verbose={_OWN}_sre:Verbose",
        "urllib.parse": f"MAX_CACHE_SIZE={_OWN}urllib:MAX_CACHE_SIZE",
    },
    "internal-names-3-12": {
        "importlib.metadata": f"DeprecatedList={_OWN}_importlib_metadata:DeprecatedList",
        "multiprocessing.connection": ("CHALLENGE=_CHALLENGE FAILURE=_FAILURE WELCOME=_WELCOME"),
    },
    "internal-names-3-13": {
        "dis": (
            f"FORMAT_VALUE_CONVERTERS={_OWN}_opcodes:FORMAT_VALUE_CONVERTERS "
            f"MAKE_FUNCTION_FLAGS={_OWN}_opcodes:MAKE_FUNCTION_FLAGS"
        ),
        "importlib.metadata": f"DeprecatedTuple={_OWN}_importlib_metadata:DeprecatedTuple",
        "logging.handlers": "ST_DEV=stat:ST_DEV ST_INO=stat:ST_INO ST_MTIME=stat:ST_MTIME",
        "opcode": f"oplists={_OWN}_opcodes:OPLISTS",
        "pathlib": "EBADF=errno:EBADF ELOOP=errno:ELOOP ENOENT=errno:ENOENT ENOTDIR=errno:ENOTDIR",
        "tokenize": f"StopTokenizing={_OWN}_tokenize:StopTokenizing",
    },
    "internal-names-3-7": {
        **{
            f"asyncio.{name}": f"coroutine={_OWN}_coroutine:coroutine"
            for name in (
                "queues",
                "base_events",
                "base_subprocess",
                "selector_events",
                "streams",
                "subprocess",
                "unix_events",
            )
        },
        "multiprocessing.forkserver": " ".join(
            f"{name}={_OWN}_multiprocessing:{name}"
            for name in ("UNSIGNED_STRUCT", "read_unsigned", "write_unsigned")
        ),
        "sre_constants": f"RANGE_IGNORE={_OWN}_sre:RANGE_IGNORE",
        "typing": " ".join(
            f"{name}={_OWN}_typing:{name}" for name in ("CallableMeta", "TupleMeta", "TypingMeta")
        ),
        "unittest.mock": f"MethodWrapperTypes={_OWN}unittest:METHOD_WRAPPER_TYPES",
        "xml.dom.minidom": f"DocumentLS.async={_OWN}xml:ASYNC",
        "xml.dom.xmlbuilder": f"DocumentLS.async={_OWN}xml:ASYNC",
    },
    "internal-names-3-8": {
        "asyncio.locks": f"coroutine={_OWN}_coroutine:coroutine",
        "asyncio.tasks": f"coroutine={_OWN}_coroutine:coroutine",
        "http.client": f"MAXAMOUNT={_OWN}http:MAXAMOUNT",
        "platform": "DEV_NULL=os:devnull",
        "sre_parse": "Pattern=State",
        "tokenize": f"Bracket={_OWN}_tokenize:Bracket Operator={_OWN}_tokenize:Operator",
        "unittest.mock": f"BaseExceptions={_OWN}unittest:BASE_EXCEPTIONS",
        "urllib.request": " ".join(
            f"{name}=urllib.parse:{name}"
            for name in (
                "splitattr",
                "splithost",
                "splitpasswd",
                "splitport",
                "splitquery",
                "splittag",
                "splittype",
                "splituser",
                "splitvalue",
                "to_bytes",
            )
        ),
    },
    "internal-names-3-9": {
        "tempfile": f"SpooledTemporaryFile.softspace={_OWN}_tempfile:SOFTSPACE",
        "tkinter.tix": "wantobjects=tkinter:wantobjects",
    },
    "io-openwrapper": {
        "_pyio": f"OpenWrapper={_OWN}_io:PURE_OPEN_WRAPPER",
        "io": f"OpenWrapper={_OWN}_io:OPEN_WRAPPER",
    },
    "locale-format": {"locale": f"format={_OWN}_locale:format"},
    "locale-resetlocale": {"locale": f"resetlocale={_OWN}_locale:resetlocale"},
    "markupbase-error": {"_markupbase": f"ParserBase.error={_OWN}html:error"},
    "multiprocessing-has-key": {
        "multiprocessing.managers": f"DictProxy.has_key={_OWN}_multiprocessing:has_key",
    },
    "nntplib-xgtitle": {
        "nntplib": f"NNTP.xgtitle={_OWN}_nntplib:xgtitle NNTP.xpath={_OWN}_nntplib:xpath",
    },
    "ntpath-splitunc": {"ntpath": f"splitunc={_OWN}_ntpath:splitunc"},
    "opcode-enable-specialization": {
        "opcode": "ENABLE_SPECIALIZATION=_opcode:ENABLE_SPECIALIZATION",
    },
    "opcode-hasnargs": {
        "dis": f"hasnargs={_OWN}_opcodes:HASNARGS",
        "opcode": f"hasnargs={_OWN}_opcodes:HASNARGS",
    },
    "opcode-pseudo": {
        "opcode": (
            f"MAX_PSEUDO_OPCODE={_OWN}_opcodes:MAX_PSEUDO_OPCODE "
            f"MIN_PSEUDO_OPCODE={_OWN}_opcodes:MIN_PSEUDO_OPCODE "
            f"is_pseudo={_OWN}_opcodes:is_pseudo"
        ),
    },
    "pathlib-class-getitem": {"pathlib": f"PurePath.__class_getitem__={_OWN}pathlib:CLASS_GETITEM"},
    "pathlib-context-manager": {
        "pathlib": f"Path.__enter__={_OWN}pathlib:enter Path.__exit__={_OWN}pathlib:leave",
    },
    "pathlib-is-reserved": {"pathlib": f"PurePath.is_reserved={_OWN}pathlib:is_reserved"},
    "pathlib-link-to": {"pathlib": f"Path.link_to={_OWN}pathlib:link_to"},
    "pdb-execrclines": {"pdb": f"Pdb.execRcLines={_OWN}_pdb:exec_rc_lines"},
    "pkgutil-find-loader": {
        "pkgutil": f"find_loader={_OWN}_pkgutil:find_loader get_loader={_OWN}_pkgutil:get_loader",
    },
    "pkgutil-impimporter": {
        "pkgutil": f"ImpImporter={_OWN}_pkgutil:ImpImporter ImpLoader={_OWN}_pkgutil:ImpLoader",
    },
    "platform-java-ver": {"platform": f"java_ver={_OWN}_platform:java_ver"},
    "platform-linux-distribution": {
        "platform": (
            f"dist={_OWN}_platform:dist linux_distribution={_OWN}_platform:linux_distribution"
        ),
    },
    "platform-popen": {"platform": f"popen={_OWN}_platform:popen"},
    "plistlib-data": {"plistlib": f"Data={_OWN}_plistlib:Data"},
    "plistlib-dict": {
        "plistlib": " ".join(
            f"{name}={_OWN}_plistlib:{name}" for name in ("Dict", "Plist", "_InternalDict")
        ),
    },
    "plistlib-readplist": {
        "plistlib": " ".join(
            f"{name}={_OWN}_plistlib:{name}"
            for name in ("readPlist", "readPlistFromBytes", "writePlist", "writePlistToBytes")
        ),
    },
    "pty-master-open": {
        "pty": f"master_open={_OWN}_pty:master_open slave_open={_OWN}_pty:slave_open",
    },
    "re-sre-modules": {"re": "sre_compile=re._compiler: sre_parse=re._parser:"},
    "smtpd-mailmanproxy": {"smtpd": f"MailmanProxy={_OWN}_smtpd:MailmanProxy"},
    "socket-can-raw-err-filter": {"socket": f"CAN_RAW_ERR_FILTER={_OWN}_socket:CAN_RAW_ERR_FILTER"},
    "sqlite3-cache": dict.fromkeys(
        ("sqlite3", "sqlite3.dbapi2"),
        f"Cache={_OWN}_sqlite3:Cache Statement={_OWN}_sqlite3:Statement",
    ),
    "sqlite3-optimizedunicode": dict.fromkeys(
        ("sqlite3", "sqlite3.dbapi2"),
        f"OptimizedUnicode=builtins:str enable_shared_cache={_OWN}_sqlite3:enable_shared_cache",
    ),
    "sqlite3-version": dict.fromkeys(
        ("sqlite3", "sqlite3.dbapi2"),
        f"version={_OWN}_sqlite3:VERSION version_info={_OWN}_sqlite3:VERSION_INFO",
    ),
    "sunau-openfp": {"sunau": "openfp=open"},
    "symtable-has-exec": {"symtable": f"SymbolTable.has_exec={_OWN}_symtable:has_exec"},
    "sys-callstats": {"sys": f"callstats={_OWN}_sys:callstats"},
    "sys-checkinterval": {
        "sys": (
            f"getcheckinterval={_OWN}_sys:getcheckinterval "
            f"setcheckinterval={_OWN}_sys:setcheckinterval"
        ),
    },
    "sys-coroutine-wrapper": {
        "sys": (
            f"get_coroutine_wrapper={_OWN}_sys:get_coroutine_wrapper "
            f"set_coroutine_wrapper={_OWN}_sys:set_coroutine_wrapper"
        ),
    },
    "sysconfig-makefile-patterns": {
        "sysconfig": (
            f"_variable_rx={_OWN}_sysconfig:VARIABLE _findvar1_rx={_OWN}_sysconfig:IN_BRACKETS "
            f"_findvar2_rx={_OWN}_sysconfig:IN_BRACES"
        ),
    },
    "tarfile-filemode": {"tarfile": "filemode=stat:filemode"},
    "threading-isalive": {"threading": "Thread.isAlive=is_alive"},
    "time-clock": {"time": f"clock={_OWN}_time:clock"},
    "token-async": {
        "token": f"ASYNC={_OWN}_tokenize:ASYNC AWAIT={_OWN}_tokenize:AWAIT",
        "tokenize": f"ASYNC={_OWN}_tokenize:ASYNC AWAIT={_OWN}_tokenize:AWAIT",
    },
    "turtle-settiltangle": {
        "turtle": (
            f"RawTurtle.settiltangle={_OWN}_turtle:method settiltangle={_OWN}_turtle:function"
        ),
    },
    "typing-genericmeta": {"typing": f"GenericMeta={_OWN}_typing:GenericMeta"},
    "typing-no-type-check-decorator": {
        "typing": f"no_type_check_decorator={_OWN}_typing:no_type_check_decorator",
    },
    "unicodedata-ucnhash-capi": {"unicodedata": "ucnhash_CAPI=_ucnhash_CAPI"},
    "unittest-functions": {
        module: " ".join(
            f"{name}={_OWN}unittest:{name}"
            for name in ("findTestCases", "getTestCaseNames", "makeSuite")
        )
        for module in ("unittest", "unittest.loader")
    },
    "unittest-mock-version": {"unittest.mock": f"__version__={_OWN}unittest:MOCK_VERSION"},
    "unittest-texttestresult": {"unittest": "_TextTestResult=TextTestResult"},
    "urllib-openers": {
        "urllib.request": (
            f"FancyURLopener={_OWN}_urllib:FancyURLopener URLopener={_OWN}_urllib:URLopener"
        ),
    },
    "urllib-quoter": {"urllib.parse": "Quoter=_Quoter"},
    "wave-openfp": {"wave": "openfp=open"},
    "webbrowser-dead-browsers": {
        "webbrowser": " ".join(
            f"{name}={_OWN}_webbrowser:{name}" for name in ("Galeon", "Grail", "Netscape")
        ),
    },
}


def names(patch: Patch, module: ModuleType) -> None:
    """Bring back what `NAMES` tells for the behaviour in this module."""
    for entry in NAMES[patch.name][module.__name__].split():
        path, _, source = entry.partition("=")
        owner_name, _, name = path.rpartition(".")
        if owner_name:
            owner = getattr(module, owner_name, None)
            if owner is not None:
                patch.attribute(owner, name, _found(owner, source or name))
        else:
            patch.lazy(module, name, lambda source=source or name: _found(module, source))  # type: ignore[misc]


def _found(owner: Any, source: str) -> Any:
    place, colon, name = source.partition(":")
    if not colon:
        holders = owner.__mro__ if isinstance(owner, type) else (owner,)
        return next(vars(holder)[source] for holder in holders if source in vars(holder))
    try:
        module = importlib.import_module(place)
    except ImportError as error:
        raise AttributeError(f"{source} isn't there on this system") from error
    return getattr(module, name) if name else module
