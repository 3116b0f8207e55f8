"""Tests of max-heaps."""

import heapq
import random
import unittest


class MaxHeapTest(unittest.TestCase):
    def check(self, heap):
        for index in range(1, len(heap)):
            self.assertGreaterEqual(heap[(index - 1) // 2], heap[index])

    def test_sorts(self):
        for size in [*range(20), 500]:
            items = [random.randrange(50) for _number in range(size)]
            pushed = []
            for item in items:
                heapq.heappush_max(pushed, item)
                self.check(pushed)
            heap = items.copy()
            heapq.heapify_max(heap)
            self.check(heap)
            order = sorted(items, reverse=True)
            self.assertEqual([heapq.heappop_max(heap) for _item in items], order)
            self.assertEqual([heapq.heappop_max(pushed) for _item in items], order)

    def test_replace_and_pushpop(self):
        heap = [5, 3, 4]
        heapq.heapify_max(heap)
        self.assertEqual(heapq.heapreplace_max(heap, 9), 5)
        self.assertEqual(heap[0], 9)
        self.assertEqual(heapq.heappushpop_max(heap, 10), 10)
        self.assertEqual(heapq.heappushpop_max(heap, 9), 9)
        self.assertEqual(heapq.heappushpop_max(heap, 1), 9)
        self.check(heap)
        self.assertEqual(sorted(heap), [1, 3, 4])
        self.assertEqual(heapq.heappushpop_max([], 1), 1)

    def test_bad_input(self):
        self.assertRaises(IndexError, heapq.heappop_max, [])
        self.assertRaises(IndexError, heapq.heapreplace_max, [], 1)
        self.assertRaises(TypeError, heapq.heapify_max, (1, 2))
        self.assertRaises(TypeError, heapq.heapify_max, [1, "a"])
        self.assertRaises((TypeError, AttributeError), heapq.heappush_max, None, 1)

    def test_needs_less_than_only(self):
        class Item:
            def __init__(self, value):
                self.value = value

            def __lt__(self, other):
                return self.value < other.value

        heap = []
        for value in (2, 7, 1):
            heapq.heappush_max(heap, Item(value))
        self.assertEqual(heapq.heappushpop_max(heap, Item(5)).value, 7)
        self.assertEqual(heapq.heappop_max(heap).value, 5)


if __name__ == "__main__":
    unittest.main()
