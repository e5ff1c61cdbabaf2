"""Payment card numbers: known beginnings, their lengths, and the check digit.

Ranges: https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN)
(ISO/IEC 7812). A number that begins otherwise is an order number, a parcel, anything.
"""

from __future__ import annotations

from collections.abc import Iterable

_16_TO_19 = (16, 17, 18, 19)
_RANGES: tuple[tuple[Iterable[int], tuple[int, ...]], ...] = (
    ((4,), (13, 16, 18, 19)),  # Visa
    ((*range(51, 56), *range(2221, 2721)), (16,)),  # Mastercard
    ((34, 37), (15,)),  # American Express
    ((6011, *range(644, 650), 65), _16_TO_19),  # Discover
    ((36, 38, 39, *range(300, 306), 3095), (14, 15, 16, 17, 18, 19)),  # Diners Club
    (range(3528, 3590), _16_TO_19),  # JCB
    ((62, 81), _16_TO_19),  # UnionPay
    ((5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763), (13, 14, 15, *_16_TO_19)),  # Maestro
    (range(2200, 2205), _16_TO_19),  # Mir
    ((60, 82, 508, 353, 356), (16,)),  # RuPay
)
_LENGTHS = {str(prefix): lengths for prefixes, lengths in _RANGES for prefix in prefixes}


def is_card(digits: str) -> bool:
    """Whether 13 to 19 digits can be a card's number."""
    known = any(len(digits) in _LENGTHS.get(digits[:size], ()) for size in range(1, 5))
    return known and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
