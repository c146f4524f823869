"""How often a process looks for cycles of objects that nobody refers to any more."""

import gc


def settle() -> None:
    """Leave what start-up made alone for good, and look through what is new more rarely. Once, when all is loaded.

    What start-up made stays: looking through it again and again would cost a pause of many milliseconds. A request or
    a job makes thousands of objects that die with it; looking for cycles after every 700 is wasted.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
