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

    from minpython.engine.patch import Patch

_OWN = "minpython.restorers."
_IMP = "minpython.restorers.impl."

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
        "configparser": f"LegacyInterpolation={_IMP}configparser:LegacyInterpolation",
    },
    "configparser-safeconfigparser": {
        "configparser": (
            f"SafeConfigParser=ConfigParser RawConfigParser.readfp={_OWN}configparser:readfp"
        ),
    },
    "gettext-lgettext": {
        "gettext": " ".join(
            f"{name}={_IMP}gettext:{name}"
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
            f"ArgSpec={_IMP}inspect:ArgSpec getargspec={_IMP}inspect:getargspec "
            f"formatargspec={_IMP}inspect:formatargspec"
        ),
    },
    "inspect-signature-from": {
        "inspect": (
            f"Signature.from_builtin={_IMP}inspect:FROM_CALLABLE "
            f"Signature.from_function={_IMP}inspect:FROM_CALLABLE"
        ),
    },
    "internal-names-3-10": {
        "hmac": (
            f"HMAC.digest_cons={_IMP}hmac:DIGEST_CONS HMAC.inner={_IMP}hmac:INNER "
            f"HMAC.outer={_IMP}hmac:OUTER"
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
            f"{name}={_IMP}opcodes:{name}"
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
        "sre_parse": f"Verbose={_IMP}sre:Verbose",
        "urllib.parse": f"MAX_CACHE_SIZE={_OWN}urllib:MAX_CACHE_SIZE",
    },
    "internal-names-3-12": {
        "importlib.metadata": f"DeprecatedList={_IMP}importlib_metadata:DeprecatedList",
        "multiprocessing.connection": ("CHALLENGE=_CHALLENGE FAILURE=_FAILURE WELCOME=_WELCOME"),
    },
    "internal-names-3-13": {
        "dis": (
            f"FORMAT_VALUE_CONVERTERS={_IMP}opcodes:FORMAT_VALUE_CONVERTERS "
            f"MAKE_FUNCTION_FLAGS={_IMP}opcodes:MAKE_FUNCTION_FLAGS"
        ),
        "importlib.metadata": f"DeprecatedTuple={_IMP}importlib_metadata:DeprecatedTuple",
        "logging.handlers": "ST_DEV=stat:ST_DEV ST_INO=stat:ST_INO ST_MTIME=stat:ST_MTIME",
        "opcode": f"oplists={_IMP}opcodes:OPLISTS",
        "pathlib": "EBADF=errno:EBADF ELOOP=errno:ELOOP ENOENT=errno:ENOENT ENOTDIR=errno:ENOTDIR",
        "tokenize": f"StopTokenizing={_IMP}tokenize:StopTokenizing",
    },
    "internal-names-3-7": {
        **{
            f"asyncio.{name}": f"coroutine={_IMP}coroutine:coroutine"
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
            f"{name}={_IMP}multiprocessing:{name}"
            for name in ("UNSIGNED_STRUCT", "read_unsigned", "write_unsigned")
        ),
        "sre_constants": f"RANGE_IGNORE={_IMP}sre:RANGE_IGNORE",
        "typing": " ".join(
            f"{name}={_IMP}typing:{name}" for name in ("CallableMeta", "TupleMeta", "TypingMeta")
        ),
        "unittest.mock": f"MethodWrapperTypes={_OWN}unittest:METHOD_WRAPPER_TYPES",
        "xml.dom.minidom": f"DocumentLS.async={_OWN}xml:ASYNC",
        "xml.dom.xmlbuilder": f"DocumentLS.async={_OWN}xml:ASYNC",
    },
    "internal-names-3-8": {
        "asyncio.locks": f"coroutine={_IMP}coroutine:coroutine",
        "asyncio.tasks": f"coroutine={_IMP}coroutine:coroutine",
        "http.client": f"MAXAMOUNT={_OWN}http:MAXAMOUNT",
        "platform": "DEV_NULL=os:devnull",
        "sre_parse": "Pattern=State",
        "tokenize": f"Bracket={_IMP}tokenize:Bracket Operator={_IMP}tokenize:Operator",
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
        "tempfile": f"SpooledTemporaryFile.softspace={_IMP}tempfile:SOFTSPACE",
        "tkinter.tix": "wantobjects=tkinter:wantobjects",
    },
    "io-openwrapper": {
        "_pyio": f"OpenWrapper={_IMP}io:PURE_OPEN_WRAPPER",
        "io": f"OpenWrapper={_IMP}io:OPEN_WRAPPER",
    },
    "locale-format": {"locale": f"format={_IMP}locale:format"},
    "locale-resetlocale": {"locale": f"resetlocale={_IMP}locale:resetlocale"},
    "markupbase-error": {"_markupbase": f"ParserBase.error={_OWN}html:error"},
    "multiprocessing-has-key": {
        "multiprocessing.managers": f"DictProxy.has_key={_IMP}multiprocessing:has_key",
    },
    "nntplib-xgtitle": {
        "nntplib": f"NNTP.xgtitle={_IMP}nntplib:xgtitle NNTP.xpath={_IMP}nntplib:xpath",
    },
    "ntpath-splitunc": {"ntpath": f"splitunc={_IMP}ntpath:splitunc"},
    "opcode-enable-specialization": {
        "opcode": "ENABLE_SPECIALIZATION=_opcode:ENABLE_SPECIALIZATION",
    },
    "opcode-hasnargs": {
        "dis": f"hasnargs={_IMP}opcodes:HASNARGS",
        "opcode": f"hasnargs={_IMP}opcodes:HASNARGS",
    },
    "opcode-pseudo": {
        "opcode": (
            f"MAX_PSEUDO_OPCODE={_IMP}opcodes:MAX_PSEUDO_OPCODE "
            f"MIN_PSEUDO_OPCODE={_IMP}opcodes:MIN_PSEUDO_OPCODE "
            f"is_pseudo={_IMP}opcodes:is_pseudo"
        ),
    },
    "pathlib-class-getitem": {"pathlib": f"PurePath.__class_getitem__={_OWN}pathlib:CLASS_GETITEM"},
    "pathlib-context-manager": {
        "pathlib": f"Path.__enter__={_OWN}pathlib:enter Path.__exit__={_OWN}pathlib:leave",
    },
    "pathlib-is-reserved": {"pathlib": f"PurePath.is_reserved={_OWN}pathlib:is_reserved"},
    "pathlib-link-to": {"pathlib": f"Path.link_to={_OWN}pathlib:link_to"},
    "pdb-execrclines": {"pdb": f"Pdb.execRcLines={_IMP}pdb:exec_rc_lines"},
    "pkgutil-find-loader": {
        "pkgutil": f"find_loader={_IMP}pkgutil:find_loader get_loader={_IMP}pkgutil:get_loader",
    },
    "pkgutil-impimporter": {
        "pkgutil": f"ImpImporter={_IMP}pkgutil:ImpImporter ImpLoader={_IMP}pkgutil:ImpLoader",
    },
    "platform-java-ver": {"platform": f"java_ver={_IMP}platform:java_ver"},
    "platform-linux-distribution": {
        "platform": (
            f"dist={_IMP}platform:dist linux_distribution={_IMP}platform:linux_distribution"
        ),
    },
    "platform-popen": {"platform": f"popen={_IMP}platform:popen"},
    "plistlib-data": {"plistlib": f"Data={_IMP}plistlib:Data"},
    "plistlib-dict": {
        "plistlib": " ".join(
            f"{name}={_IMP}plistlib:{name}" for name in ("Dict", "Plist", "_InternalDict")
        ),
    },
    "plistlib-readplist": {
        "plistlib": " ".join(
            f"{name}={_IMP}plistlib:{name}"
            for name in ("readPlist", "readPlistFromBytes", "writePlist", "writePlistToBytes")
        ),
    },
    "pty-master-open": {
        "pty": f"master_open={_IMP}pty:master_open slave_open={_IMP}pty:slave_open",
    },
    "re-sre-modules": {"re": "sre_compile=re._compiler: sre_parse=re._parser:"},
    "smtpd-mailmanproxy": {"smtpd": f"MailmanProxy={_IMP}smtpd:MailmanProxy"},
    "socket-can-raw-err-filter": {"socket": f"CAN_RAW_ERR_FILTER={_IMP}socket:CAN_RAW_ERR_FILTER"},
    "sqlite3-cache": dict.fromkeys(
        ("sqlite3", "sqlite3.dbapi2"),
        f"Cache={_IMP}sqlite3:Cache Statement={_IMP}sqlite3:Statement",
    ),
    "sqlite3-optimizedunicode": dict.fromkeys(
        ("sqlite3", "sqlite3.dbapi2"),
        f"OptimizedUnicode=builtins:str enable_shared_cache={_IMP}sqlite3:enable_shared_cache",
    ),
    "sqlite3-version": dict.fromkeys(
        ("sqlite3", "sqlite3.dbapi2"),
        f"version={_IMP}sqlite3:VERSION version_info={_IMP}sqlite3:VERSION_INFO",
    ),
    "sunau-openfp": {"sunau": "openfp=open"},
    "symtable-has-exec": {"symtable": f"SymbolTable.has_exec={_IMP}symtable:has_exec"},
    "sys-callstats": {"sys": f"callstats={_IMP}sys:callstats"},
    "sys-checkinterval": {
        "sys": (
            f"getcheckinterval={_IMP}sys:getcheckinterval "
            f"setcheckinterval={_IMP}sys:setcheckinterval"
        ),
    },
    "sys-coroutine-wrapper": {
        "sys": (
            f"get_coroutine_wrapper={_IMP}sys:get_coroutine_wrapper "
            f"set_coroutine_wrapper={_IMP}sys:set_coroutine_wrapper"
        ),
    },
    "sysconfig-makefile-patterns": {
        "sysconfig": (
            f"_variable_rx={_IMP}sysconfig:VARIABLE _findvar1_rx={_IMP}sysconfig:IN_BRACKETS "
            f"_findvar2_rx={_IMP}sysconfig:IN_BRACES"
        ),
    },
    "tarfile-filemode": {"tarfile": "filemode=stat:filemode"},
    "threading-isalive": {"threading": "Thread.isAlive=is_alive"},
    "time-clock": {"time": f"clock={_IMP}time:clock"},
    "token-async": {
        "token": f"ASYNC={_IMP}tokenize:ASYNC AWAIT={_IMP}tokenize:AWAIT",
        "tokenize": f"ASYNC={_IMP}tokenize:ASYNC AWAIT={_IMP}tokenize:AWAIT",
    },
    "turtle-settiltangle": {
        "turtle": (
            f"RawTurtle.settiltangle={_IMP}turtle:method settiltangle={_IMP}turtle:function"
        ),
    },
    "typing-genericmeta": {"typing": f"GenericMeta={_IMP}typing:GenericMeta"},
    "typing-no-type-check-decorator": {
        "typing": f"no_type_check_decorator={_IMP}typing:no_type_check_decorator",
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
            f"FancyURLopener={_IMP}urllib:FancyURLopener URLopener={_IMP}urllib:URLopener"
        ),
    },
    "urllib-quoter": {"urllib.parse": "Quoter=_Quoter"},
    "wave-openfp": {"wave": "openfp=open"},
    "webbrowser-dead-browsers": {
        "webbrowser": " ".join(
            f"{name}={_IMP}webbrowser:{name}" for name in ("Galeon", "Grail", "Netscape")
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
