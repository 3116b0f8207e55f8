"""The same seed gives the same numbers: results that were published can be computed again."""

import random
import uuid


def numbers(seed):
    """What every method draws after one seed."""
    one = random.Random(seed)
    cards = list(range(20))
    one.shuffle(cards)
    yield "shuffle", cards
    for name, words in (
        ("random", ()),
        ("getrandbits", (100,)),
        ("randrange", (1, 1000, 7)),
        ("randint", (1, 6)),
        ("choice", ("abcdefgh",)),
        ("uniform", (2, 9)),
        ("triangular", (0, 10, 3)),
        ("gauss", (0, 1)),
        ("normalvariate", (0, 1)),
        ("lognormvariate", (0, 1)),
        ("expovariate", (2,)),
        ("gammavariate", (2, 3)),
        ("betavariate", (2, 3)),
        ("paretovariate", (3,)),
        ("weibullvariate", (1, 2)),
        ("vonmisesvariate", (0, 4)),
    ):
        yield name, [getattr(one, name)(*words) for _ in range(3)]
    yield "randbytes", one.randbytes(5)
    yield "sample", one.sample(range(10), 4), one.sample(range(10000), 6), one.sample("abc", 3)
    yield "choices", one.choices("abcde", k=6), one.choices("abc", weights=[1, 5, 2], k=6)


for start in (1, "word", b"bytes", 2.5, -7, 2**80):
    for line in numbers(start):
        print(repr(start), *line)
print(uuid.uuid3(uuid.NAMESPACE_DNS, "el"), uuid.uuid5(uuid.NAMESPACE_URL, "el"))
