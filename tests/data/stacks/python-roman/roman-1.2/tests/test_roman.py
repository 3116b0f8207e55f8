import unittest

from roman import roman


class Roman(unittest.TestCase):
    def test_numbers(self):
        self.assertEqual(roman(14), "XIV")
