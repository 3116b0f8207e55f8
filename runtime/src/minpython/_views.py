"""Made by runtime/tools/make_views.py from what the restorers do; run that again."""

# Each name that is looked up by a view, and the behaviours that have to do with it.
NAMES: "dict[str, tuple[str, ...]]" = {}
_BY_BEHAVIOURS = """\
aifc-openfp sunau-openfp wave-openfp: openfp
argparse-optional-arguments asyncio-loop-parameter bz2-bz2file-buffering calendar-default-locale configparser-parsingerror-filename fileinput-bufsize fileinput-universal ftplib-keyfile http-client-key-file imaplib-keyfile logging-formatter-unchecked multiprocessing-pool-cache poplib-keyfile pyclbr-super shelve-protocol-3 smtplib-keyfile sre-parse-parameters ssl-direct-construction unittest-outcome-errors zipfile-zipextfile-decrypter: __init__
array-tostring: fromstring tostring
ast-literal-eval-sums: literal_eval
ast-literal-nodes: Bytes Ellipsis NameConstant Num Str visit
ast-literal-nodes ast-missing-fields ast-slice-nodes: unparse
ast-literal-nodes ast-missing-fields ast-slice-nodes re-global-flags: compile
ast-literal-nodes ast-missing-fields ast-slice-nodes sre-parse-parameters: parse
ast-slice-nodes: AugLoad AugStore ExtSlice Index Param Suite slice
asyncio-any-executor: set_default_executor
asyncio-async internal-names-3-7: async
asyncio-coroutine: CoroWrapper _DEBUG
asyncio-coroutine internal-names-3-7 internal-names-3-8: coroutine
asyncio-errors: CancelledError IncompleteReadError InvalidStateError LimitOverrunError SendfileNotAvailableError TimeoutError
asyncio-generator-coroutines: iscoroutine
asyncio-generator-coroutines inspect-object-parameter: iscoroutinefunction
asyncio-ignored-reuse-address asyncio-reuse-address: create_datagram_endpoint
asyncio-lock-with: __await__
asyncio-lock-with importlib-metadata-entry-point-iter: __iter__
asyncio-loop-parameter: as_completed create_subprocess_exec create_subprocess_shell gather open_connection open_unix_connection shield sleep start_server start_unix_server wait_for
asyncio-loop-parameter asyncio-wait-coroutines subprocess-wait-endtime: wait
asyncio-overlapped: _overlapped
asyncio-policy-makes-loop: get_event_loop
asyncio-selectors: selectors
asyncio-task-all-tasks: all_tasks current_task
asyncio-transport-real-socket: get_extra_info
asyncio-transport-socket: accept bind close connect connect_ex detach ioctl listen makefile recv recv_into recvfrom recvfrom_into recvmsg recvmsg_into send sendall sendfile sendmsg sendmsg_afalg sendto set_inheritable share
asyncio-transport-socket pathlib-context-manager: __enter__
asyncio-transport-socket pathlib-context-manager unittest-mock-helpers: __exit__
base64-encodestring: decodestring encodestring
binascii-b2a-base64-data: b2a_base64
binascii-hqx: a2b_hqx b2a_hqx rlecode_hqx rledecode_hqx
builtins-open-universal dbm-dumb-flags: open
builtins-sum-floats: sum
calendar-itermonthdates: itermonthdates
calendar-month-functions: monthlen nextmonth prevmonth
cgi-escape re-escape: escape
cgi-escape urllib-parse-semicolons: parse_qs parse_qsl
cgi-parse-multipart-bytes: parse_multipart
codecs-unicode-internal: unicode_internal_decode unicode_internal_encode
collections-abc-aliases: AsyncGenerator AsyncIterable AsyncIterator Awaitable ByteString Callable Collection Container Coroutine Generator Hashable ItemsView Iterable Iterator KeysView Mapping MappingView MutableMapping MutableSequence MutableSet Reversible Sequence Set Sized ValuesView
collections-chainmap-iterable: fromkeys
collections-namedtuple-verbose: namedtuple
configparser-legacy-interpolation: LegacyInterpolation
configparser-parsingerror-filename gzip-filename: filename
configparser-safeconfigparser: SafeConfigParser readfp
dataclasses-unhashable-defaults: _get_field
datetime-isocalendar-tuple: isocalendar
dbm-read-only-delete: __delitem__
dis-instruction-jump-target fractions-normalize platform-uname-processor ssl-direct-construction: __new__
dis-name-arguments: get_instructions
distutils-install-misc: install_misc
enum-meta-getattr: __getattr__
fileinput-bufsize: input
fileinput-getitem importlib-metadata-entry-point-getitem wsgiref-filewrapper-getitem xml-dom-pulldom-getitem: __getitem__
fractions-gcd: gcd
frame-clear-suspended: clear
ftplib-ssl-version: ssl_version
functools-cached-property-lock: __get__ lock
getpass-getuser-keyerror: getuser
gettext-codeset: Catalog install translation
gettext-lgettext: bind_textdomain_codeset ldgettext ldngettext
gettext-lgettext gettext-methods: lgettext lngettext
gettext-methods: _output_charset output_charset set_output_charset
html-parser-unescape: unescape
http-cookies-legalchars: set
imaplib-logout-quiet: logout
importlib-abc-finder: Finder
importlib-abc-parameters zipfile-path-joinpath-add: joinpath
importlib-abc-resource-name importlib-resources-parameters: is_resource
importlib-find-loader importlib-finder-methods importlib-zipimporter-methods: find_loader
importlib-finder-methods: module_repr
importlib-finder-methods importlib-zipimporter-methods: find_module
importlib-metadata-selectable-groups: SelectableGroups entry_points
importlib-old-finders: meta_path path_hooks
importlib-parent-without-spec: modules
importlib-resources-parameters: contents open_binary open_text path read_binary read_text
importlib-resources-resource: Resource
importlib-util-decorators: module_for_loader set_loader set_package
inspect-getargspec: ArgSpec formatargspec getargspec
inspect-object-parameter: isasyncgenfunction isgeneratorfunction
inspect-ordered-arguments: _bind
inspect-signature-from: from_builtin from_function
internal-names-3-10: DEDENT NAME OP digest_cons getsourcelines header inner outer supports_symlinks
internal-names-3-10 internal-names-3-8: MAXAMOUNT
internal-names-3-11: EINVAL EXTENDED_ARG IMPORT_NAME LOAD_CONST MAX_CACHE_SIZE STORE_GLOBAL STORE_NAME STORE_OPS Verbose vals_sorted_by_key
internal-names-3-12: CHALLENGE DeprecatedList FAILURE WELCOME
internal-names-3-13: DeprecatedTuple EBADF ELOOP ENOENT ENOTDIR FORMAT_VALUE_CONVERTERS MAKE_FUNCTION_FLAGS ST_DEV ST_INO ST_MTIME StopTokenizing oplists
internal-names-3-7: CallableMeta MethodWrapperTypes RANGE_IGNORE TupleMeta TypingMeta UNSIGNED_STRUCT read_unsigned write_unsigned
internal-names-3-8: BaseExceptions Bracket DEV_NULL Operator Pattern splitattr splithost splitpasswd splitport splitquery splittag splittype splituser splitvalue to_bytes
internal-names-3-9: softspace wantobjects
io-openwrapper: OpenWrapper
ipaddress-leading-zeros: _parse_octet
json-encoding pickle-loads-data plistlib-use-builtin-types: loads
keyword-async-await: iskeyword kwlist
locale-format string-formatter-format-string: format
locale-resetlocale: resetlocale
logging-root-child: getLogger
mailbox-dot-files: _refresh
markupbase-error: error
mmap-flush-zero: flush
multiprocessing-has-key: has_key
nntplib-xgtitle: xgtitle xpath
ntpath-splitunc: splitunc
opcode-enable-specialization: ENABLE_SPECIALIZATION
opcode-hasnargs: hasnargs
opcode-pseudo: MAX_PSEUDO_OPCODE MIN_PSEUDO_OPCODE is_pseudo
os-errno: errno
os-makedirs-mode: makedirs
os-stat-float-times: stat_float_times
pathlib-class-getitem: __class_getitem__
pathlib-division-error: __rtruediv__ __truediv__
pathlib-glob-folders: glob rglob
pathlib-link-to: link_to
pdb-execrclines: execRcLines
pdb-interaction-traceback: interaction
pkgutil-impimporter: ImpImporter ImpLoader
pkgutil-path-string: iter_modules walk_packages
platform-linux-distribution: dist linux_distribution
platform-popen: popen
plistlib-data: Data
plistlib-dict: Dict Plist _InternalDict
plistlib-readplist: readPlist readPlistFromBytes writePlist writePlistToBytes
plistlib-use-builtin-types: load
poplib-keyfile: stls
posixpath-splitroot-p: splitroot
pydoc-docother-positional: docother
pydoc-html-colours: heading multicolumn section
random-randrange-float random-randrange-int: randrange
random-sample-set: sample
random-seed-types: seed
random-shuffle-random: shuffle
re-bad-template-escapes: expand
re-bad-template-escapes re-empty-matches re-global-flags: sub subn
re-empty-matches re-global-flags: findall finditer
re-empty-matches re-global-flags shlex-split-none tkinter-tkapp-split: split
re-global-flags: fullmatch match search
re-sre-modules: sre_compile sre_parse
re-template: SRE_FLAG_TEMPLATE T TEMPLATE template
select-epoll-unregister: unregister
smtpd-mailmanproxy: MailmanProxy
smtplib-keyfile: starttls
socket-can-raw-err-filter: CAN_RAW_ERR_FILTER
socket-htons-overflow: htons ntohs
sqlite3-cache: Cache Statement
sqlite3-optimizedunicode: OptimizedUnicode enable_shared_cache
sre-parse-checkgroupname: checkgroupname
sre-parse-template-pattern sre-parse-template-state: parse_template
ssl-lenient-context: create_default_context
ssl-match-hostname ssl-refused-names: match_hostname
ssl-rand-pseudo-bytes: RAND_pseudo_bytes
ssl-refused-names ssl-wrap-socket: wrap_socket
statistics-mode-unique: mode
symtable-has-exec: has_exec
sys-callstats: callstats
sys-checkinterval: getcheckinterval setcheckinterval
sys-coroutine-wrapper: get_coroutine_wrapper set_coroutine_wrapper
sys-current-exceptions: _current_exceptions
sysconfig-makefile-patterns: _findvar1_rx _findvar2_rx _variable_rx
tarfile-add-exclude: add
tarfile-filemode: filemode
test-support-helpers: CleanImport DirsOnSysPath EnvironmentVarGuard FS_NONASCII FakePath HOST HOSTv4 HOSTv6 IPV6_ENABLED SAVEDCWD TESTFN TESTFN_NONASCII TESTFN_UNDECODABLE TESTFN_UNENCODABLE bind_port bind_unix_socket can_symlink can_xattr catch_threading_exception change_cwd check_no_resource_warning check_no_warnings check_syntax_warning check_warnings create_empty_file fd_count find_unused_port forget fs_is_case_insensitive ignore_warnings import_fresh_module import_module join_thread make_bad_fd make_legacy_pyc modules_cleanup modules_setup reap_threads rmdir rmtree skip_unless_bind_unix_socket skip_unless_symlink skip_unless_xattr start_threads temp_cwd temp_dir temp_umask threading_cleanup threading_setup transient_internet unlink unload wait_threads_exit
threading-isalive: isAlive
time-clock: clock
tkinter-treeview-selection: selection
token-async: ASYNC AWAIT
traceback-etype: format_exception format_exception_only print_exception
traceback-no-colour: can_colorize
turtle-settiltangle: settiltangle
types-codetype-replace-lnotab: replace
typing-field-types: _make_nmtuple
typing-genericmeta: GenericMeta
typing-hints-none-default: get_type_hints
typing-newtype-function: NewType
typing-typeddict-keywords: TypedDict
unicodedata-ucnhash-capi: ucnhash_CAPI
unittest-aliases: assertAlmostEquals assertDictContainsSubset assertEquals assertNotAlmostEquals assertNotEquals assertNotRegexpMatches assertRaisesRegexp assertRegexpMatches assert_ failIf failIfAlmostEqual failIfEqual failUnless failUnlessAlmostEqual failUnlessEqual failUnlessRaises
unittest-functions: findTestCases getTestCaseNames makeSuite
unittest-mock-helpers: _importer _is_started
unittest-mock-version: __version__
unittest-namespace-discovery: discover
unittest-outcome-errors: _addSkip _feedErrorsToResult testPartExecutor
unittest-texttestresult: _TextTestResult
unittest-usageexit: usageExit
unittest-use-load-tests: loadTestsFromModule
urllib-urlopen-cafile: urlopen
uuid-generate-time: _uuid_generate_time
weakref-update-dict: update
webbrowser-dead-browsers: Galeon Grail Netscape
webbrowser-update-tryorder: register
xml-element-copy: copy
xml-etree-getchildren: getchildren
xml-etree-getiterator: getiterator
xml-etree-xmlparser-doctype: doctype
xml-external-entities: make_parser
xml-sorted-attributes: write writexml
"""
for _line in _BY_BEHAVIOURS.splitlines():
    _behaviours, _, _names = _line.partition(": ")
    NAMES.update(dict.fromkeys(_names.split(), tuple(_behaviours.split())))
# Those of them that lie in a module.
SOURCES: "dict[str, frozenset[str]]" = {
    '_ast': frozenset(['AugLoad', 'AugStore', 'Bytes', 'Ellipsis', 'ExtSlice', 'Index', 'NameConstant', 'Num', 'Param', 'Str', 'Suite', 'slice']),
    '_colorize': frozenset(['can_colorize']),
    '_pyio': frozenset(['OpenWrapper']),
    'aifc': frozenset(['openfp']),
    'ast': frozenset(['Bytes', 'Ellipsis', 'NameConstant', 'Num', 'Str', 'literal_eval', 'parse', 'unparse']),
    'asyncio': frozenset(['_overlapped', 'as_completed', 'async', 'coroutine', 'create_subprocess_exec', 'create_subprocess_shell', 'gather', 'iscoroutine', 'iscoroutinefunction', 'open_connection', 'open_unix_connection', 'selectors', 'shield', 'sleep', 'start_server', 'start_unix_server', 'wait', 'wait_for']),
    'asyncio.base_events': frozenset(['coroutine']),
    'asyncio.base_subprocess': frozenset(['coroutine']),
    'asyncio.coroutines': frozenset(['CoroWrapper', '_DEBUG', 'coroutine', 'iscoroutine', 'iscoroutinefunction']),
    'asyncio.events': frozenset(['SendfileNotAvailableError']),
    'asyncio.futures': frozenset(['CancelledError', 'InvalidStateError', 'TimeoutError']),
    'asyncio.locks': frozenset(['coroutine']),
    'asyncio.queues': frozenset(['coroutine']),
    'asyncio.selector_events': frozenset(['coroutine']),
    'asyncio.streams': frozenset(['IncompleteReadError', 'LimitOverrunError', 'coroutine', 'open_connection', 'open_unix_connection', 'start_server', 'start_unix_server']),
    'asyncio.subprocess': frozenset(['coroutine', 'create_subprocess_exec', 'create_subprocess_shell']),
    'asyncio.tasks': frozenset(['as_completed', 'async', 'coroutine', 'gather', 'shield', 'sleep', 'wait', 'wait_for']),
    'asyncio.unix_events': frozenset(['coroutine']),
    'base64': frozenset(['decodestring', 'encodestring']),
    'binascii': frozenset(['a2b_hqx', 'b2a_base64', 'b2a_hqx', 'rlecode_hqx', 'rledecode_hqx']),
    'builtins': frozenset(['compile', 'open', 'sum']),
    'calendar': frozenset(['monthlen', 'nextmonth', 'prevmonth']),
    'cgi': frozenset(['escape', 'parse_multipart', 'parse_qs', 'parse_qsl']),
    'codecs': frozenset(['open', 'unicode_internal_decode', 'unicode_internal_encode']),
    'collections': frozenset(['AsyncGenerator', 'AsyncIterable', 'AsyncIterator', 'Awaitable', 'ByteString', 'Callable', 'Collection', 'Container', 'Coroutine', 'Generator', 'Hashable', 'ItemsView', 'Iterable', 'Iterator', 'KeysView', 'Mapping', 'MappingView', 'MutableMapping', 'MutableSequence', 'MutableSet', 'Reversible', 'Sequence', 'Set', 'Sized', 'ValuesView', 'namedtuple']),
    'configparser': frozenset(['LegacyInterpolation', 'SafeConfigParser']),
    'dataclasses': frozenset(['_get_field']),
    'dbm.dumb': frozenset(['open']),
    'dis': frozenset(['FORMAT_VALUE_CONVERTERS', 'MAKE_FUNCTION_FLAGS', 'get_instructions', 'hasnargs']),
    'distutils.cmd': frozenset(['install_misc']),
    'fileinput': frozenset(['input']),
    'fractions': frozenset(['gcd']),
    'getpass': frozenset(['getuser']),
    'gettext': frozenset(['Catalog', 'bind_textdomain_codeset', 'install', 'ldgettext', 'ldngettext', 'lgettext', 'lngettext', 'translation']),
    'http.client': frozenset(['MAXAMOUNT']),
    'http.cookiejar': frozenset(['vals_sorted_by_key']),
    'importlib': frozenset(['find_loader']),
    'importlib.abc': frozenset(['Finder']),
    'importlib.metadata': frozenset(['DeprecatedList', 'DeprecatedTuple', 'SelectableGroups', 'entry_points']),
    'importlib.resources': frozenset(['Resource', 'contents', 'is_resource', 'open_binary', 'open_text', 'path', 'read_binary', 'read_text']),
    'importlib.util': frozenset(['module_for_loader', 'set_loader', 'set_package']),
    'inspect': frozenset(['ArgSpec', 'formatargspec', 'getargspec', 'isasyncgenfunction', 'iscoroutinefunction', 'isgeneratorfunction']),
    'io': frozenset(['OpenWrapper', 'open']),
    'json': frozenset(['loads']),
    'keyword': frozenset(['iskeyword', 'kwlist']),
    'locale': frozenset(['format', 'resetlocale']),
    'logging': frozenset(['getLogger']),
    'logging.handlers': frozenset(['ST_DEV', 'ST_INO', 'ST_MTIME']),
    'modulefinder': frozenset(['EXTENDED_ARG', 'IMPORT_NAME', 'LOAD_CONST', 'STORE_GLOBAL', 'STORE_NAME', 'STORE_OPS']),
    'multiprocessing.connection': frozenset(['CHALLENGE', 'FAILURE', 'WELCOME']),
    'multiprocessing.forkserver': frozenset(['UNSIGNED_STRUCT', 'read_unsigned', 'write_unsigned']),
    'ntpath': frozenset(['splitunc']),
    'opcode': frozenset(['ENABLE_SPECIALIZATION', 'MAX_PSEUDO_OPCODE', 'MIN_PSEUDO_OPCODE', 'hasnargs', 'is_pseudo', 'oplists']),
    'os': frozenset(['errno', 'makedirs', 'stat_float_times']),
    'pathlib': frozenset(['EBADF', 'EINVAL', 'ELOOP', 'ENOENT', 'ENOTDIR', 'supports_symlinks']),
    'pdb': frozenset(['getsourcelines']),
    'pickle': frozenset(['loads']),
    'pkgutil': frozenset(['ImpImporter', 'ImpLoader', 'iter_modules', 'walk_packages']),
    'platform': frozenset(['DEV_NULL', 'dist', 'linux_distribution', 'popen']),
    'plistlib': frozenset(['Data', 'Dict', 'Plist', '_InternalDict', 'load', 'loads', 'readPlist', 'readPlistFromBytes', 'writePlist', 'writePlistToBytes']),
    'posixpath': frozenset(['splitroot']),
    'pyclbr': frozenset(['DEDENT', 'NAME', 'OP']),
    'pydoc': frozenset(['format_exception_only']),
    'random': frozenset(['randrange', 'sample', 'seed', 'shuffle']),
    're': frozenset(['T', 'TEMPLATE', 'compile', 'escape', 'findall', 'finditer', 'fullmatch', 'match', 'search', 'split', 'sre_compile', 'sre_parse', 'sub', 'subn', 'template']),
    'shlex': frozenset(['split']),
    'smtpd': frozenset(['MailmanProxy']),
    'socket': frozenset(['CAN_RAW_ERR_FILTER', 'htons', 'ntohs']),
    'sqlite3': frozenset(['Cache', 'OptimizedUnicode', 'Statement', 'enable_shared_cache']),
    'sqlite3.dbapi2': frozenset(['Cache', 'OptimizedUnicode', 'Statement', 'enable_shared_cache']),
    'sre_compile': frozenset(['SRE_FLAG_TEMPLATE']),
    'sre_constants': frozenset(['RANGE_IGNORE', 'SRE_FLAG_TEMPLATE']),
    'sre_parse': frozenset(['Pattern', 'SRE_FLAG_TEMPLATE', 'Verbose', 'parse', 'parse_template']),
    'ssl': frozenset(['RAND_pseudo_bytes', 'create_default_context', 'match_hostname', 'wrap_socket']),
    'statistics': frozenset(['mode']),
    'sunau': frozenset(['openfp']),
    'sys': frozenset(['_current_exceptions', 'callstats', 'get_coroutine_wrapper', 'getcheckinterval', 'meta_path', 'modules', 'path_hooks', 'set_coroutine_wrapper', 'setcheckinterval']),
    'sysconfig': frozenset(['_findvar1_rx', '_findvar2_rx', '_variable_rx']),
    'tarfile': frozenset(['filemode']),
    'test.support': frozenset(['CleanImport', 'DirsOnSysPath', 'EnvironmentVarGuard', 'FS_NONASCII', 'FakePath', 'HOST', 'HOSTv4', 'HOSTv6', 'IPV6_ENABLED', 'SAVEDCWD', 'TESTFN', 'TESTFN_NONASCII', 'TESTFN_UNDECODABLE', 'TESTFN_UNENCODABLE', 'bind_port', 'bind_unix_socket', 'can_symlink', 'can_xattr', 'catch_threading_exception', 'change_cwd', 'check_no_resource_warning', 'check_no_warnings', 'check_syntax_warning', 'check_warnings', 'create_empty_file', 'fd_count', 'find_unused_port', 'forget', 'fs_is_case_insensitive', 'ignore_warnings', 'import_fresh_module', 'import_module', 'join_thread', 'make_bad_fd', 'make_legacy_pyc', 'modules_cleanup', 'modules_setup', 'reap_threads', 'rmdir', 'rmtree', 'skip_unless_bind_unix_socket', 'skip_unless_symlink', 'skip_unless_xattr', 'start_threads', 'temp_cwd', 'temp_dir', 'temp_umask', 'threading_cleanup', 'threading_setup', 'transient_internet', 'unlink', 'unload', 'wait_threads_exit']),
    'time': frozenset(['clock']),
    'tkinter.tix': frozenset(['wantobjects']),
    'token': frozenset(['ASYNC', 'AWAIT']),
    'tokenize': frozenset(['ASYNC', 'AWAIT', 'Bracket', 'Operator', 'StopTokenizing']),
    'traceback': frozenset(['format_exception', 'format_exception_only', 'print_exception']),
    'turtle': frozenset(['settiltangle']),
    'typing': frozenset(['CallableMeta', 'GenericMeta', 'NewType', 'TupleMeta', 'TypedDict', 'TypingMeta', '_make_nmtuple', 'get_type_hints']),
    'unicodedata': frozenset(['ucnhash_CAPI']),
    'unittest': frozenset(['_TextTestResult', 'findTestCases', 'getTestCaseNames', 'makeSuite']),
    'unittest.loader': frozenset(['findTestCases', 'getTestCaseNames', 'makeSuite']),
    'unittest.mock': frozenset(['BaseExceptions', 'MethodWrapperTypes', '__version__', '_importer', '_is_started']),
    'urllib.parse': frozenset(['MAX_CACHE_SIZE', 'parse_qs', 'parse_qsl']),
    'urllib.request': frozenset(['splitattr', 'splithost', 'splitpasswd', 'splitport', 'splitquery', 'splittag', 'splittype', 'splituser', 'splitvalue', 'to_bytes', 'urlopen']),
    'uuid': frozenset(['_uuid_generate_time']),
    'wave': frozenset(['openfp']),
    'webbrowser': frozenset(['Galeon', 'Grail', 'Netscape', 'register']),
    'xml.sax': frozenset(['make_parser']),
}
# Built-in names, and classes whose construction changed.
BUILTINS = frozenset(['compile', 'eval', 'exec', 'getattr', 'hasattr', 'open', 'sum'])
CLASSES = frozenset(['ApplyResult', 'ArgumentParser', 'BZ2File', 'BoundedSemaphore', 'Class', 'Condition', 'Event', 'FTP_TLS', 'FileInput', 'Formatter', 'Fraction', 'HTTPSConnection', 'IMAP4_SSL', 'IMapIterator', 'Instruction', 'LocaleHTMLCalendar', 'LocaleTextCalendar', 'Lock', 'MapResult', 'POP3_SSL', 'ParsingError', 'Queue', 'SMTP_SSL', 'SSLObject', 'SSLSocket', 'Semaphore', 'Shelf', 'SubPattern', 'ZipExtFile', '_Outcome', 'uname_result'])
