"""Tests of the UUID versions 6, 7 and 8 (RFC 9562)."""

import time
import unittest
import unittest.mock
import uuid


class LaterVersionsTest(unittest.TestCase):
    def test_version_and_variant(self):
        for make, version in [(uuid.uuid6, 6), (uuid.uuid7, 7), (uuid.uuid8, 8)]:
            with self.subTest(version):
                one = make()
                self.assertEqual(one.version, version)
                self.assertEqual(one.variant, uuid.RFC_4122)
                self.assertEqual(uuid.UUID(str(one)), one)

    def test_order(self):
        for make in (uuid.uuid6, uuid.uuid7):
            with self.subTest(make.__name__):
                made = [make() for _number in range(5000)]
                self.assertEqual(made, sorted(made))
                self.assertEqual(len(set(made)), 5000)

    def test_clock_that_goes_back(self):
        with unittest.mock.patch("time.time_ns", return_value=time.time_ns()) as clock:
            first = uuid.uuid7(), uuid.uuid6()
            clock.return_value -= 10 ** 12
            second = uuid.uuid7(), uuid.uuid6()
        self.assertLess(first[0], second[0])
        self.assertLess(first[1], second[1])

    def test_moment(self):
        before = time.time_ns() // 1_000_000
        self.assertAlmostEqual(uuid.uuid7().time, before, delta=60_000)
        self.assertAlmostEqual(uuid.uuid6().time, uuid.uuid1().time, delta=600_000_000)

    def test_example_of_the_rfc(self):
        # RFC 9562, A.5 and A.6: the same moment.
        six = uuid.UUID("1EC9414C-232A-6B00-B3C8-9F6BDECED846")
        one = uuid.UUID("C232AB00-9414-11EC-B3C8-9F6BDECED846")
        seven = uuid.UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
        self.assertEqual(six.time, one.time)
        self.assertEqual(seven.time, 0x17F22E279B0)

    def test_given_parts(self):
        made = uuid.uuid6(node=0x9F6BDECED846, clock_seq=0x33C8)
        self.assertEqual((made.node, made.clock_seq), (0x9F6BDECED846, 0x33C8))
        made = uuid.uuid8(0x123456789ABC, 0xDEF, 0x3FFF_0000_FFFF_0000)
        self.assertEqual(str(made), "12345678-9abc-8def-bfff-0000ffff0000")
        self.assertEqual(uuid.uuid8(1 << 48, 1 << 12, 1 << 62), uuid.uuid8(0, 0, 0))
        self.assertEqual(uuid.uuid8(1, 2, 3), uuid.uuid8(1, 2, 3))
        self.assertNotEqual(uuid.uuid8(1, 2), uuid.uuid8(1, 2))

    def test_special_values(self):
        self.assertEqual(uuid.NIL.int, 0)
        self.assertEqual(str(uuid.MAX), "ffffffff-ffff-ffff-ffff-ffffffffffff")


if __name__ == "__main__":
    unittest.main()
