"""Changes some bytes of a file, as disks and power cuts do."""

import random


def damage(content: bytes, generator: random.Random) -> bytes:
    """Flips a bit, changes a byte, sets 50 bytes to zero, or cuts the end off."""
    changed, place = bytearray(content), generator.randrange(len(content))
    kind = generator.choice(("bit", "byte", "zeros", "cut"))
    if kind == "bit":
        changed[place] ^= 1 << generator.randrange(8)
    elif kind == "byte":
        changed[place] = generator.randrange(256)
    elif kind == "zeros":
        end = min(place + 50, len(changed))
        changed[place:end] = bytes(end - place)
    else:
        del changed[place:]
    return bytes(changed)
