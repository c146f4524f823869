"""The dialects the simulator speaks besides its own."""

from specie.providers.genesis.simulator import GenesisVoice
from specie.providers.gidi.simulator import GidiVoice
from specie.providers.gudangvoucher.simulator import GudangVoucherVoice
from specie.providers.hilogate.simulator import HilogateVoice
from specie.providers.ing1.simulator import Ing1Voice
from specie.providers.midtrans.simulator import MidtransVoice
from specie.providers.netzme.simulator import NetzmeVoice
from specie.providers.oy.simulator import OyVoice
from specie.providers.piro.simulator import PiroVoice
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.voice import Voice
from specie.providers.snap.simulator import SnapVoice
from specie.providers.stripe.simulator import StripeVoice
from specie.providers.xendit.simulator import XenditVoice


def voices(book: Book) -> list[Voice]:
    """One of each, over the simulator's book."""
    return [
        GenesisVoice(),
        GidiVoice(),
        GudangVoucherVoice(),
        HilogateVoice(),
        Ing1Voice(),
        MidtransVoice(),
        NetzmeVoice(book),
        OyVoice(),
        PiroVoice(),
        SnapVoice(book),
        StripeVoice(),
        XenditVoice(),
    ]
