"""Made from behaviours/*.ini by `python -m minpython.table --write`; edit those.

Versions 3.x.y are the numbers x * 100 + y. Texts, since almost nothing of them is looked at.
"""

TARGETS = """
aifc 900 - 900 - -
argparse 1400 1400,1000 - - -
array 900 900 - - -
ast 1400 1400,700,800,900 1400 - -
_ast 900 800,900 - - -
asyncio.base_events 1100 1100,700 - - -
asyncio 1400 1400,1200,900,1000,1100 700,1100 - -
asyncio.tasks 800 - 700,800 - -
asyncio.exceptions 800 800 - - -
asyncio.unix_events 1400 1400,700 1400 - -
asyncio.coroutines 1100 - 1100 - -
asyncio.events 1400 1200 800,1400 - -
asyncio.futures 800 - 800 - -
asyncio.streams 800 700 800 - -
asyncio.transports 800 800 - - -
asyncio.trsock 1100 1100 - - -
asyncio.windows_utils 700 - 700 - -
base64 900 - 900 - -
binascii 1100 700 1100 - -
_frozen_importlib_external 1300 - - - 1300=builtins-class-namespaces=builtins_class_namespaces
builtins 1200 - - - 800=builtins-number-str=builtins_number_str,1100=builtins-open-universal=builtins_open_universal,1200=builtins-sum-floats=builtins_sum_floats,1100=importlib-parent-without-spec=importlib_parent_without_spec
io 1200 - 1200 - 1100=builtins-open-universal=builtins_open_universal
codecs 1100 - 800 - 1100=builtins-open-universal=builtins_open_universal
bz2 900 900 - - -
calendar 1200 1100,700,1200 800 - -
cgi 800 700 800 - -
collections 1300 1300,700 1000 - -
collections.abc 1500 1500 - - -
typing 1500 1500,700,900,1100,1300,1000,1200 700,1500 - -
compileall 900 900 - - -
configparser 1300 1200 1300 - -
ctypes 1500 - 1500 - -
dataclasses 1100 1100,700 - - -
datetime 900 900,700 - - -
dbm.dumb 800 800 - - -
decimal 1000 1000 - - -
fractions 1200 1000,1200 900 - -
dis 1300 1300,1100 1300,1200 - -
distutils.cmd 700 - 700 - -
distutils.core 1200 - 1200 - -
email.utils 1400 1400 - - -
enum 1200 800,1200,1100 - - -
fileinput 1100 800,1100 - - -
types 1300 1300,800,1100,1000 - - -
ftplib 1200 1200,900 - - -
functools 1200 1200 - - -
getpass 1300 1300 - - -
gettext 1100 1100 1100 - -
glob 1500 - 1500 - -
gzip 1300 1200,1300 - - -
hashlib 1200 900 1200 - -
hmac 1000 800,1000 - - -
html.parser 900 900 - - -
http.client 1200 1200,1000 800 - -
http.cookies 700 700 - - -
http 1300 1300 - - -
imaplib 1200 1200,800 - - -
importlib.abc 1500 1100,1000,1200,1500 1200,1400 - -
importlib 1200 - 1200 - -
importlib.machinery 1200 1200 - - -
zipimport 1500 1500 - - 1200=importlib-zipimporter-methods=importlib_zipimporter_methods
importlib.metadata 1300 1300,1200 1200,1300 - -
importlib.resources 1500 1500,1300 1300 - -
importlib.util 1200 - 1200 - -
inspect 1100 800,900,1100,700 1100 - -
http.cookiejar 1100 1000 1100 - -
pathlib 1500 1000,1100,1300,900,1500,1400,1200 1100,1300 - -
pdb 1300 1000,1300 - - -
pyclbr 1000 1000 - - -
modulefinder 1100 - 1100 - -
sre_parse 1300 1300,1200,800 1100,800 - -
urllib.parse 1400 - 1100,1400 - -
multiprocessing.connection 1200 - 1200 - -
logging.handlers 1300 - 1300 - -
opcode 1300 - 1300,1200 - -
tokenize 1300 - 1300,800 - -
asyncio.base_subprocess 700 700 - - -
asyncio.queues 700 700 - - -
asyncio.selector_events 700 700 - - -
asyncio.subprocess 700 700 - - -
multiprocessing.forkserver 700 700 - - -
sre_constants 1300 700,1300 - - -
unittest.mock 900 700,800 800,900 - -
xml.dom.minidom 800 700,800 - - -
xml.dom.xmlbuilder 700 700 - - -
asyncio.locks 800 - 800 - -
platform 1500 900 800,1500 - -
urllib.request 1400 1300 800,1400 - -
tempfile 900 900 - - -
tkinter.tix 900 900 - - -
_pyio 1200 - 1200 - -
json 900 900 - - -
keyword 700 700 - - -
locale 1300 - 1200,1300 - -
logging 900 800,900 - - -
mailbox 1300 1300 - - -
_markupbase 1000 1000 - - -
mmap 800 800 - - -
multiprocessing.managers 700 700 - - -
multiprocessing.pool 800 800 - - -
nntplib 900 900 - - -
ntpath 700 - 700 - -
os 700 - 700 700=makedirs -
pickle 900 900,800 - - -
multiprocessing.reduction 900 900 - - -
pkgutil 1400 700 1400,1200 - -
plistlib 900 900 900,700 - -
poplib 1200 1200 - - -
posixpath 1500 1500 - 1300=splitroot -
pty 1400 - 1400 - -
pydoc 1300 1300,1100,1000 - - -
random 1200 1200,900,1100 - - -
re 1300 700,1100,1300 1100 - -
sre_compile 1300 1300 - - -
select 900 900 - - -
shelve 1000 1000 - - -
shlex 1200 1200 - - -
shutil 800 800 - - -
smtpd 1100 - 1100 - -
smtplib 1200 1200 - - -
socket 1100 1000 1100 - -
socketserver 700 700 - - -
sqlite3 1400 1100 800,1200,1400 - -
sqlite3.dbapi2 1400 1200 800,1200,1400 - -
ssl 1200 - 1200 - -
statistics 800 800 - - -
string 700 700 - - -
struct 700 700 - - -
subprocess 700 700 - - -
sunau 900 - 900 - -
symtable 900 900 - - -
sys 1200 - 900,800 1200=_current_exceptions -
sysconfig 1500 1500 1300 - -
tarfile 800 700,800 800 - -
test.support 1000 1000 - - -
threading 1500 900,1300,1500 - - -
time 800 - 800 - -
timeit 700 700 - - -
_tkinter 1100 1100 - - -
tkinter.ttk 800 800 - - -
token 1300 - 1300 - -
traceback 1000 1000 - - -
_colorize 1300 1300 - - -
turtle 1300 1300 - - -
unicodedata 1000 - 1000 - -
unittest.case 1200 1200,1100 - - -
unittest 1300 - 1300,1200 - -
unittest.loader 1300 1100,1200 1300 - -
unittest.main 1300 1300 - - -
uuid 700 - 700 - -
warnings 1400 1000,1100,1200,1300,1400,800,900 - - -
wave 1500 1500 900 - -
weakref 800 800 - - -
webbrowser 1300 1300,700 1200 - -
wsgiref.util 1100 1100 - - -
xml.dom.pulldom 1100 1100 - - -
xml.etree.ElementTree 1200 1200,900,800 - - -
zipfile 1300 1300,1000,700 - - -
"""
"""A line a module: the newest version that something changed in, then with the versions
eager, attributes, functions, early."""
GONE = """
_crypt
_dummy_thread
aifc
asynchat
asyncio.compat
asyncio.test_utils
asyncore
audioop
binhex
cgi
cgitb
chunk
crypt
distutils
distutils.archive_util
distutils.bcppcompiler
distutils.ccompiler
distutils.cmd
distutils.command.bdist
distutils.command.bdist_dumb
distutils.command.bdist_rpm
distutils.command.build
distutils.command.build_clib
distutils.command.build_ext
distutils.command.build_py
distutils.command.build_scripts
distutils.command.check
distutils.command.clean
distutils.command.config
distutils.command.install
distutils.command.install_data
distutils.command.install_egg_info
distutils.command.install_headers
distutils.command.install_lib
distutils.command.install_scripts
distutils.command.register
distutils.command.sdist
distutils.command.upload
distutils.config
distutils.core
distutils.cygwinccompiler
distutils.debug
distutils.dep_util
distutils.dir_util
distutils.dist
distutils.errors
distutils.extension
distutils.fancy_getopt
distutils.file_util
distutils.filelist
distutils.log
distutils.msvccompiler
distutils.spawn
distutils.sysconfig
distutils.text_file
distutils.unixccompiler
distutils.util
distutils.version
distutils.versionpredicate
dummy_threading
encodings.mac_centeuro
encodings.unicode_internal
formatter
imghdr
imp
lib2to3
lib2to3.btm_matcher
lib2to3.btm_utils
lib2to3.fixer_base
lib2to3.fixer_util
lib2to3.fixes
lib2to3.main
lib2to3.patcomp
lib2to3.pgen2
lib2to3.pgen2.driver
lib2to3.pgen2.grammar
lib2to3.pgen2.literals
lib2to3.pgen2.parse
lib2to3.pgen2.pgen
lib2to3.pgen2.token
lib2to3.pgen2.tokenize
lib2to3.pygram
lib2to3.pytree
lib2to3.refactor
macpath
macurl2path
mailcap
multiprocessing.semaphore_tracker
nis
nntplib
ossaudiodev
parser
pipes
pkg_resources
smtpd
sndhdr
spwd
sre_compile
sre_constants
sre_parse
sunau
symbol
telnetlib
tkinter.tix
uu
xdrlib
"""
