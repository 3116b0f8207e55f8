"""The `tkinter.tix` module as it was up to Python 3.12, over Tcl's package Tix where there is one.

A widget's methods are the words of its Tcl command: `hlist.info_children(entry)` is
`$hlist info children $entry`. Gone in 3.13; the modern way is `tkinter.ttk`.
"""

import tkinter  # noqa: ICN001
from tkinter import *  # noqa: F403
from typing import Any, Callable, Optional

WINDOW, TEXT, STATUS, IMMEDIATE = "window", "text", "status", "immediate"
IMAGE, IMAGETEXT, BALLOON, AUTO, ACROSSTOP = "image", "imagetext", "balloon", "auto", "acrosstop"
ASCII, CELL, COLUMN, DECREASING, INCREASING = "ascii", "cell", "column", "decreasing", "increasing"
INTEGER, MAIN, MAX, REAL, ROW, S_REGION = "integer", "main", "max", "real", "row", "s-region"
X_REGION, Y_REGION = "x-region", "y-region"
TCL_DONT_WAIT, TCL_WINDOW_EVENTS, TCL_FILE_EVENTS = 1 << 1, 1 << 2, 1 << 3
TCL_TIMER_EVENTS, TCL_IDLE_EVENTS, TCL_ALL_EVENTS = 1 << 4, 1 << 5, 0


class tixCommand:
    """What Tix knows about an application as a whole."""

    tk: Any

    def tix_addbitmapdir(self, directory: str) -> Any:
        """Look for bitmaps in one more folder."""
        return self.tk.call("tix", "addbitmapdir", directory)

    def tix_cget(self, option: str) -> Any:
        """Return one setting."""
        return self.tk.call("tix", "cget", option)

    def tix_configure(self, cnf: Any = None, **kw: Any) -> Any:
        """Set or give settings."""
        return self.tk.call("tix", "configure", *_words({**(cnf or {}), **kw}))

    def tix_filedialog(self, dlgclass: Optional[str] = None) -> Any:
        """Return the dialog for files."""
        return self.tk.call("tix", "filedialog", *([] if dlgclass is None else [dlgclass]))

    def tix_getbitmap(self, name: str) -> Any:
        """Return a bitmap by name."""
        return self.tk.call("tix", "getbitmap", name)

    def tix_getimage(self, name: str) -> Any:
        """Return an image by name."""
        return self.tk.call("tix", "getimage", name)

    def tix_option_get(self, name: str) -> Any:
        """Return an option of the scheme."""
        return self.tk.call("tix", "option", "get", name)

    def tix_resetoptions(
        self, newScheme: str, newFontSet: str, newScmPrio: Optional[str] = None
    ) -> Any:
        """Change scheme and fonts."""
        more = [] if newScmPrio is None else [newScmPrio]
        return self.tk.call("tix", "resetoptions", newScheme, newFontSet, *more)


def _words(options: dict[str, Any]) -> list[Any]:
    return [word for name, value in options.items() for word in ("-" + name.rstrip("_"), value)]


class Tk(tkinter.Tk, tixCommand):  # type: ignore[no-redef]
    """The main window of an application that has loaded Tix."""

    def __init__(
        self, screenName: Any = None, baseName: Any = None, className: str = "Tix"
    ) -> None:
        """Open the window.

        Raises:
            TclError: Tcl has no package Tix.
        """
        super().__init__(screenName, baseName, className)
        self.tk.eval("package require Tix")


class Form:
    """Places widgets in relation to each other."""

    def config(self: Any, cnf: Any = None, **kw: Any) -> None:
        """Place the widget."""
        self.tk.call("tixForm", self._w, *_words({**(cnf or {}), **kw}))

    form = config

    def forget(self: Any) -> None:
        """Take the widget off the form."""
        self.tk.call("tixForm", "forget", self._w)


if not hasattr(tkinter.Widget, "form"):
    tkinter.Widget.__bases__ += (Form,)


class TixWidget(tkinter.Widget):
    """A widget of Tix, made of other widgets."""

    def __init__(
        self,
        master: Any = None,
        widgetName: Any = None,
        static_options: Any = None,
        cnf: Any = None,
        **kw: Any,
    ) -> None:
        """Make the widget."""
        name = widgetName or "tix" + type(self).__name__
        super().__init__(master, name, {**(cnf or {}), **kw})
        self.subwidget_list: dict[str, Any] = {}

    def set_silent(self, value: Any) -> None:
        """Set the value without calling the command."""
        self.tk.call("tixSetSilent", self._w, value)  # type: ignore[attr-defined]

    def subwidget(self, name: str) -> Any:
        """Return one of the widgets that it is made of.

        Raises:
            TclError: there is none of this name.
        """
        path = self.tk.call(self._w, "subwidget", name)  # type: ignore[attr-defined]
        if not path:
            raise tkinter.TclError(f"Subwidget {name} not child of {self._name}")  # type: ignore[attr-defined]
        return _known(self, path)

    def subwidgets_all(self) -> list[Any]:
        """Return all widgets that it is made of."""
        paths = self.tk.splitlist(self.tk.call(self._w, "subwidgets", "-all"))  # type: ignore[attr-defined]
        return [_known(self, path) for path in paths]

    def config_all(self, option: str, value: Any) -> None:
        """Set an option in all widgets that it is made of."""
        for widget in self.subwidgets_all():
            widget.configure({option.lstrip("-"): value})


def _known(widget: Any, path: Any) -> Any:
    try:
        return widget.nametowidget(path)
    except KeyError:
        found = object.__new__(TixSubWidget)
        found.master, found.tk, found._w = widget, widget.tk, str(path)  # type: ignore[attr-defined]
        found.children, found.subwidget_list = {}, {}
        found._name = str(path).rpartition(".")[2]  # type: ignore[attr-defined]
        return found


class TixSubWidget(TixWidget):
    """A widget that another one made."""

    def destroy(self) -> None:
        """Do nothing: it goes with the widget that it is part of."""


class DisplayStyle:
    """How an item of a list looks."""

    def __init__(self, itemtype: str, cnf: Any = None, *, master: Any = None, **kw: Any) -> None:
        """Make a style for items of one kind."""
        self.master = master or kw.pop("refwindow", None) or tkinter._get_default_root()  # type: ignore[attr-defined]
        self.tk = self.master.tk
        self.stylename = self.tk.call("tixDisplayStyle", itemtype, *_words({**(cnf or {}), **kw}))

    def __str__(self) -> str:
        """Return its name in Tcl."""
        return str(self.stylename)

    def delete(self) -> None:
        """Delete the style."""
        self.tk.call(self.stylename, "delete")

    def config(self, cnf: Any = None, **kw: Any) -> Any:
        """Set or give its options."""
        return self.tk.call(self.stylename, "configure", *_words({**(cnf or {}), **kw}))


def _method(name: str, words: tuple[str, ...]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kw: Any) -> Any:
        given = [value for value in args if not isinstance(value, dict)]
        for options in args:
            if isinstance(options, dict):
                kw = {**options, **kw}
        answer = self.tk.call(self._w, *words, *map(str, given), *_words(kw))
        return (
            _known(self, answer) if name in ("add", "page") and str(answer)[:1] == "." else answer
        )

    method.__name__ = name
    method.__doc__ = f"Call the Tcl command `{' '.join(words)}` of the widget."
    return method


_SPELT = {
    "apply_filter": "applyFilter",
    "attach_widget": "attachwidget",
    "bind_widget": "bind",
    "detach_widget": "detachwidget",
    "file_dialog": "filedialog",
    "post_widget": "post",
    "raise_page": "raise",
    "unbind_widget": "unbind",
    "entrycget": "entrycget",
}
_SELECT = "selection_clear selection_includes selection_set"
_LIST = (
    "anchor_set anchor_clear delete dragsite_set dragsite_clear dropsite_set dropsite_clear "
    f"info_anchor info_selection nearest see {_SELECT}"
)
_METHODS = {
    "Balloon": "bind_widget unbind_widget",
    "ButtonBox": "add invoke",
    "CheckList": "autosetmode close getmode open getselection getstatus setstatus",
    "ComboBox": "add_history append_history insert pick",
    "Control": "decrement increment invoke update",
    "DialogShell": "popdown popup center",
    "DirList": "chdir",
    "DirSelectDialog": "popup popdown",
    "DirTree": "chdir",
    "ExFileSelectBox": "filter invoke",
    "ExFileSelectDialog": "popup popdown",
    "FileEntry": "invoke file_dialog",
    "FileSelectBox": "apply_filter invoke",
    "FileSelectDialog": "popup popdown",
    "Grid": (
        "anchor_clear anchor_get anchor_set delete_row delete_column edit_apply edit_set entrycget "
        "entryconfigure info_exists info_bbox move_column move_row nearest set size_column "
        "size_row unset"
    ),
    "HList": (
        "add add_child column_width delete_all delete_entry delete_offsprings delete_siblings "
        "header_create header_configure header_cget header_exist header_delete header_size "
        "hide_entry indicator_create indicator_configure indicator_cget indicator_exists "
        "indicator_delete indicator_size info_bbox info_children info_data info_dragsite "
        "info_dropsite info_exists info_hidden info_next info_parent info_prev item_cget "
        "item_configure item_create item_exists item_delete entrycget entryconfigure "
        f"show_entry {_LIST}"
    ),
    "ListNoteBook": "add page pages raise_page",
    "NoteBook": "add delete page pages raise_page raised",
    "OptionMenu": "add_command add_separator delete disable enable",
    "PanedWindow": "add delete forget panecget paneconfigure panes",
    "PopupMenu": "bind_widget unbind_widget post_widget",
    "ResizeHandle": "attach_widget detach_widget hide show",
    "Select": "add invoke",
    "StdButtonBox": "invoke",
    "TList": (
        "active_set active_clear insert info_active info_down info_left info_right info_size "
        f"info_up {_LIST}"
    ),
    "Tree": "autosetmode close getmode open setmode",
}
_PLAIN = (
    "CObjView DirSelectBox InputOnly LabelEntry LabelFrame Meter NoteBookFrame ScrolledHList "
    "ScrolledListBox ScrolledText ScrolledTList ScrolledWindow Shell"
)


def _classes() -> dict[str, type]:
    made: dict[str, type] = {}
    for name in [*_METHODS, *_PLAIN.split()]:
        body: dict[str, Any] = {"__doc__": f"The widget tix{name}.", "__module__": __name__}
        for method in _METHODS.get(name, "").split():
            word = _SPELT.get(method)
            body[method] = _method(method, (word,) if word else tuple(method.split("_")))
        scrolled = (tkinter.XView, tkinter.YView) if name in ("Grid", "HList", "TList") else ()
        made[name] = type(name, (TixWidget, *scrolled), body)
    made["ScrolledGrid"] = type("ScrolledGrid", (made["Grid"],), {"__module__": __name__})
    return made


globals().update(_classes())
