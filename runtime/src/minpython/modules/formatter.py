"""The `formatter` module as it was up to Python 3.9: from a stream of text to a device.

A formatter keeps stacks of alignments, fonts, margins and styles and tells a writer of each change.
Gone in 3.10, without a successor.
"""

import sys
from typing import IO, Any, Optional, Union

AS_IS: Any = None

Font = tuple[Any, Any, Any, Any]


class NullFormatter:
    """A formatter that does nothing."""

    def __init__(self, writer: Optional["NullWriter"] = None) -> None:
        """Keep the writer, a NullWriter without one."""
        self.writer = NullWriter() if writer is None else writer


class NullWriter:
    """A writer that does nothing: a base with all methods."""


def _nothing(names: str, owner: type) -> None:
    for name in names.split():

        def method(self: object, *args: Any, **kwargs: Any) -> None:
            return None

        method.__name__ = name
        method.__qualname__ = f"{owner.__qualname__}.{name}"
        method.__doc__ = "Do nothing."
        setattr(owner, name, method)


_nothing(
    "end_paragraph add_line_break add_hor_rule add_label_data add_flowing_data add_literal_data "
    "flush_softspace push_alignment pop_alignment push_font pop_font push_margin pop_margin "
    "set_spacing push_style pop_style assert_line_data",
    NullFormatter,
)
_nothing(
    "flush new_alignment new_font new_margin new_spacing new_styles send_paragraph "
    "send_line_break send_hor_rule send_label_data send_flowing_data send_literal_data",
    NullWriter,
)


class AbstractWriter(NullWriter):
    """A writer that prints the name and arguments of each call."""


def _told(name: str) -> None:
    def method(self: object, *args: Any) -> None:
        print(f"{name}({', '.join(map(repr, args))})")

    method.__name__ = name
    method.__doc__ = "Print the call."
    setattr(AbstractWriter, name, method)


for _name in [
    "new_alignment",
    "new_font",
    "new_margin",
    "new_spacing",
    "new_styles",
    "send_paragraph",
    "send_line_break",
    "send_hor_rule",
    "send_label_data",
    "send_flowing_data",
    "send_literal_data",
]:
    _told(_name)


_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


class AbstractFormatter:
    """The formatter that does the work, for any writer."""

    def __init__(self, writer: Any) -> None:
        """Start with empty stacks, at the top of the output."""
        self.writer = writer
        self.align: Any = None
        self.align_stack: list[Any] = []
        self.font_stack: list[Font] = []
        self.margin_stack: list[Any] = []
        self.spacing: Any = None
        self.style_stack: list[Any] = []
        self.nospace = 1
        self.softspace = 0
        self.para_end = 1
        self.parskip = 0
        self.hard_break = 1
        self.have_label = 0

    def end_paragraph(self, blankline: int) -> None:
        """End the paragraph, with so many blank lines after it at least."""
        if not self.hard_break:
            self.writer.send_line_break()
            self.have_label = 0
        if self.parskip < blankline and not self.have_label:
            self.writer.send_paragraph(blankline - self.parskip)
            self.parskip = blankline
            self.have_label = 0
        self.hard_break = self.nospace = self.para_end = 1
        self.softspace = 0

    def add_line_break(self) -> None:
        """Break the line, unless one was just broken."""
        if not (self.hard_break or self.para_end):
            self.writer.send_line_break()
            self.have_label = self.parskip = 0
        self.hard_break = self.nospace = 1
        self.softspace = 0

    def add_hor_rule(self, *args: Any, **kwargs: Any) -> None:
        """Put a rule on a line of its own."""
        if not self.hard_break:
            self.writer.send_line_break()
        self.writer.send_hor_rule(*args, **kwargs)
        self.hard_break = self.nospace = 1
        self.have_label = self.para_end = self.softspace = self.parskip = 0

    def add_label_data(
        self, format: Union[str, Any], counter: int, blankline: Optional[int] = None
    ) -> None:
        """Put a label, for a list's entry: a format for the counter, or the label itself."""
        if self.have_label or not self.hard_break:
            self.writer.send_line_break()
        if not self.para_end:
            self.writer.send_paragraph(1 if blankline else 0)
        label = self.format_counter(format, counter) if isinstance(format, str) else format
        self.writer.send_label_data(label)
        self.nospace = self.have_label = self.hard_break = self.para_end = 1
        self.softspace = self.parskip = 0

    def format_counter(self, format: str, counter: int) -> str:
        """Replace 1, a, A, i, I in the format by the counter in that style."""
        label = ""
        for char in format:
            if char == "1":
                label += str(counter)
            elif char in "aA":
                label += self.format_letter(char, counter) if counter > 0 else ""
            elif char in "iI":
                label += self.format_roman(char, counter) if counter > 0 else ""
            else:
                label += char
        return label

    def format_letter(self, case: str, counter: int) -> str:
        """Return the counter in letters: a to z, aa, ab ..."""
        label = ""
        while counter > 0:
            counter, rest = divmod(counter - 1, 26)
            label = chr(ord(case) + rest) + label
        return label

    def format_roman(self, case: str, counter: int) -> str:
        """Return the counter in Roman numbers."""
        label = ""
        for value, letters in _ROMAN:
            times, counter = divmod(counter, value)
            label += letters * times
        return label.upper() if case == "I" else label

    def add_flowing_data(self, data: str) -> None:
        """Add text whose white space is one space each time."""
        if not data:
            return
        leading, trailing = data[:1].isspace(), data[-1:].isspace()
        data = " ".join(data.split())
        if self.nospace and not data:
            return
        if leading or self.softspace:
            if not data:
                if not self.nospace:
                    self.softspace = 1
                    self.parskip = 0
                return
            if not self.nospace:
                data = " " + data
        self.hard_break = self.nospace = self.para_end = self.parskip = self.have_label = 0
        self.softspace = int(trailing)
        self.writer.send_flowing_data(data)

    def add_literal_data(self, data: str) -> None:
        """Add text as it is."""
        if not data:
            return
        if self.softspace:
            self.writer.send_flowing_data(" ")
        self.hard_break = int(data[-1:] == "\n")
        self.nospace = self.para_end = self.softspace = self.parskip = self.have_label = 0
        self.writer.send_literal_data(data)

    def flush_softspace(self) -> None:
        """Send a space that waits for more text."""
        if self.softspace:
            self.hard_break = self.para_end = self.parskip = self.have_label = self.softspace = 0
            self.nospace = 1
            self.writer.send_flowing_data(" ")

    def push_alignment(self, align: Any) -> None:
        """Use another alignment until it is popped."""
        if align and align != self.align:
            self.writer.new_alignment(align)
            self.align = align
        self.align_stack.append(self.align)

    def pop_alignment(self) -> None:
        """Go back to the alignment before."""
        del self.align_stack[-1:]
        self.align = self.align_stack[-1] if self.align_stack else None
        self.writer.new_alignment(self.align)

    def push_font(self, font: Font) -> None:
        """Use a font (size, italic, bold, teletype); AS_IS keeps a part."""
        if self.softspace:
            self.hard_break = self.para_end = self.softspace = 0
            self.nospace = 1
            self.writer.send_flowing_data(" ")
        if self.font_stack:
            before = self.font_stack[-1]
            font = tuple(old if new is AS_IS else new for old, new in zip(before, font))
        self.font_stack.append(font)
        self.writer.new_font(font)

    def pop_font(self) -> None:
        """Go back to the font before."""
        del self.font_stack[-1:]
        self.writer.new_font(self.font_stack[-1] if self.font_stack else None)

    def push_margin(self, margin: Any) -> None:
        """Indent one level more, under this name."""
        self.margin_stack.append(margin)
        named = [entry for entry in self.margin_stack if entry]
        self.writer.new_margin(margin or (named[-1] if named else margin), len(named))

    def pop_margin(self) -> None:
        """Go back one level."""
        del self.margin_stack[-1:]
        named = [entry for entry in self.margin_stack if entry]
        self.writer.new_margin(named[-1] if named else None, len(named))

    def set_spacing(self, spacing: Any) -> None:
        """Set the space between lines."""
        self.spacing = spacing
        self.writer.new_spacing(spacing)

    def push_style(self, *styles: Any) -> None:
        """Add styles."""
        self.flush_softspace()
        self.style_stack.extend(styles)
        self.writer.new_styles(tuple(self.style_stack))

    def pop_style(self, n: int = 1) -> None:
        """Take the last n styles away."""
        self.flush_softspace()
        del self.style_stack[-n:]
        self.writer.new_styles(tuple(self.style_stack))

    def assert_line_data(self, flag: int = 1) -> None:
        """Note for the formatter that a writer's own output is on the line."""
        self.nospace = self.hard_break = int(not flag)
        self.para_end = self.parskip = self.have_label = 0


class DumbWriter(NullWriter):
    """A writer of plain text, wrapped at a column."""

    def __init__(self, file: Optional[IO[str]] = None, maxcol: int = 72) -> None:
        """Write to the file, standard output without one."""
        self.file = file or sys.stdout
        self.maxcol = maxcol
        self.reset()

    def reset(self) -> None:
        """Act as at the start of a line."""
        self.col = 0
        self.atbreak = 0

    def send_paragraph(self, blankline: int) -> None:
        """End the line and leave so many blank ones."""
        self.file.write("\n" * blankline)
        self.reset()

    def send_line_break(self) -> None:
        """End the line."""
        self.file.write("\n")
        self.reset()

    def send_hor_rule(self, *args: Any, **kwargs: Any) -> None:
        """Draw a rule as wide as the page."""
        self.file.write("\n" + "-" * self.maxcol + "\n")
        self.reset()

    def send_literal_data(self, data: str) -> None:
        """Write text as it is."""
        self.file.write(data)
        last = data[data.rfind("\n") + 1 :]
        self.col = len(last.expandtabs()) + (0 if "\n" in data else self.col)
        self.atbreak = 0

    def send_flowing_data(self, data: str) -> None:
        """Write text, breaking lines between words."""
        if not data:
            return
        at_break = self.atbreak or data[0].isspace()
        for word in data.split():
            if at_break:
                if self.col + len(word) >= self.maxcol:
                    self.file.write("\n")
                    self.col = 0
                else:
                    self.file.write(" ")
                    self.col += 1
            self.file.write(word)
            self.col += len(word)
            at_break = 1
        self.atbreak = int(data[-1].isspace())
