"""Tests of copying and moving with paths."""

import errno
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock
from test.support import os_helper


class CopyMoveTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.root / "file"
        self.file.write_text("text")
        self.tree = self.root / "tree"
        (self.tree / "deep").mkdir(parents=True)
        (self.tree / "deep/leaf").write_text("leaf")

    def test_copy_file(self):
        target = self.file.copy(self.root / "other")
        self.assertEqual(target, self.root / "other")
        self.assertEqual(target.read_text(), "text")
        self.assertTrue(self.file.exists())
        self.assertEqual(self.file.copy(str(self.root / "third")), self.root / "third")

    def test_copy_over_a_file(self):
        target = self.root / "other"
        target.write_text("a longer text")
        self.file.copy(target)
        self.assertEqual(target.read_text(), "text")

    def test_copy_tree(self):
        target = self.tree.copy(self.root / "copied")
        self.assertEqual((target / "deep/leaf").read_text(), "leaf")
        with self.assertRaises(FileExistsError):
            self.tree.copy(target)

    def test_copy_into(self):
        folder = self.root / "into"
        folder.mkdir()
        self.assertEqual(self.file.copy_into(folder), folder / "file")
        self.assertEqual(self.tree.copy_into(str(folder)), folder / "tree")
        self.assertEqual((folder / "tree/deep/leaf").read_text(), "leaf")
        with self.assertRaises(ValueError):
            Path("/").copy_into(folder)

    def test_itself(self):
        for path, target in [(self.file, self.file), (self.tree, self.tree),
                             (self.tree, self.tree / "deep/new")]:
            for name in ("copy", "move"):
                with self.subTest(path=path, target=target, name=name):
                    with self.assertRaises(OSError) as caught:
                        getattr(path, name)(target)
                    self.assertEqual(caught.exception.errno, errno.EINVAL)
        self.assertEqual(self.file.read_text(), "text")
        self.assertTrue((self.tree / "deep/leaf").exists())

    def test_neighbour_with_the_same_beginning(self):
        self.assertTrue((self.tree.copy(self.root / "tree2") / "deep").is_dir())

    @os_helper.skip_unless_symlink
    def test_links(self):
        (self.tree / "link").symlink_to("deep/leaf")
        followed = self.tree.copy(self.root / "followed")
        self.assertFalse((followed / "link").is_symlink())
        self.assertEqual((followed / "link").read_text(), "leaf")
        kept = self.tree.copy(self.root / "kept", follow_symlinks=False)
        self.assertEqual(os.readlink(kept / "link"), "deep/leaf")

    def test_metadata(self):
        os.utime(self.file, (1, 2))
        plain = self.file.copy(self.root / "plain")
        exact = self.file.copy(self.root / "exact", preserve_metadata=True)
        self.assertNotEqual(plain.stat().st_mtime, 2)
        self.assertEqual(exact.stat().st_mtime, 2)

    def test_move(self):
        target = self.file.move(self.root / "moved")
        self.assertEqual(target.read_text(), "text")
        self.assertFalse(self.file.exists())
        folder = self.root / "into"
        folder.mkdir()
        self.assertEqual(self.tree.move_into(folder), folder / "tree")
        self.assertFalse(self.tree.exists())

    def test_move_to_another_file_system(self):
        error = OSError(errno.EXDEV, "Invalid cross-device link")
        os.utime(self.tree / "deep/leaf", (1, 2))
        with mock.patch("os.replace", side_effect=error):
            target = self.tree.move(self.root / "far")
            self.file.move(self.root / "far2")
        self.assertFalse(self.tree.exists())
        self.assertFalse(self.file.exists())
        self.assertEqual((target / "deep/leaf").stat().st_mtime, 2)

    def test_missing(self):
        for name in ("copy", "move"):
            with self.assertRaises(FileNotFoundError):
                getattr(self.root / "missing", name)(self.root / "new")
        self.assertFalse((self.root / "new").exists())


if __name__ == "__main__":
    unittest.main()
