"""The `ossaudiodev` module as it was up to Python 3.12, over the system calls of OSS.

Few systems have such devices; where they are missing, `open` raises OSError, as it always did.
"""

import fcntl
import os
import struct
import sys

__all__ = ["OSSAudioError", "error", "open", "openmixer"]

OSSAudioError = error = OSError

AFMT_QUERY, AFMT_MU_LAW, AFMT_A_LAW, AFMT_IMA_ADPCM = 0, 1, 2, 4
AFMT_U8, AFMT_S16_LE, AFMT_S16_BE, AFMT_S8 = 8, 16, 32, 64
AFMT_U16_LE, AFMT_U16_BE, AFMT_MPEG, AFMT_AC3 = 128, 256, 512, 1024
AFMT_S16_NE = AFMT_S16_LE if sys.byteorder == "little" else AFMT_S16_BE

_MIXER = (
    "Vol", "Bass", "Trebl", "Synth", "Pcm", "Spkr", "Line", "Mic", "CD", "Mix", "Pcm2", "Rec",
    "IGain", "OGain", "Line1", "Line2", "Line3", "Digital1", "Digital2", "Digital3", "PhoneIn",
    "PhoneOut", "Video", "Radio", "Monitor",
)  # fmt: skip
control_labels = list(_MIXER)
control_names = [name.lower() for name in _MIXER]
globals().update(
    {
        f"SOUND_MIXER_{name}": number
        for number, name in enumerate(
            [
                "VOLUME",
                "BASS",
                "TREBLE",
                "SYNTH",
                "PCM",
                "SPEAKER",
                "LINE",
                "MIC",
                "CD",
                "IMIX",
                "ALTPCM",
                "RECLEV",
                "IGAIN",
                "OGAIN",
                "LINE1",
                "LINE2",
                "LINE3",
                "DIGITAL1",
                "DIGITAL2",
                "DIGITAL3",
                "PHONEIN",
                "PHONEOUT",
                "VIDEO",
                "RADIO",
                "MONITOR",
            ]
        )
    }
)


def _request(kind: str, number: int, letter: str = "P") -> int:
    direction = {"none": 0, "write": 1, "read": 2, "both": 3}[kind]
    return direction << 30 | (4 if direction else 0) << 16 | ord(letter) << 8 | number


SNDCTL_DSP_RESET, SNDCTL_DSP_SYNC = _request("none", 0), _request("none", 1)
SNDCTL_DSP_SPEED, SNDCTL_DSP_CHANNELS = _request("both", 2), _request("both", 6)
SNDCTL_DSP_SETFMT, SNDCTL_DSP_POST = _request("both", 5), _request("none", 8)
SNDCTL_DSP_GETFMTS, SNDCTL_DSP_NONBLOCK = _request("read", 11), _request("none", 14)


class _Device:
    def __init__(self, name: str, flags: int, mode: str) -> None:
        self._fd = os.open(name, flags)
        self.name, self.mode, self.closed = name, mode, False

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._fd

    def close(self) -> None:
        """Close the device."""
        if not self.closed:
            self.closed = True
            os.close(self._fd)

    def __enter__(self) -> "_Device":
        """Return the device."""
        return self

    def __exit__(self, *details: object) -> None:
        """Close the device."""
        self.close()

    def _ask(self, request: int, value: int = 0) -> int:
        answer = fcntl.ioctl(self._fd, request, struct.pack("i", value))
        return int(struct.unpack("i", answer)[0])


class _Audio(_Device):
    def read(self, size: int) -> bytes:
        """Return up to so many bytes."""
        return os.read(self._fd, size)

    def write(self, data: bytes) -> int:
        """Write what fits now, and tell how much."""
        return os.write(self._fd, data)

    def writeall(self, data: bytes) -> None:
        """Write everything, waiting as long as it takes."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def setfmt(self, format: int) -> int:
        """Ask for a format of the samples; return the one that was set."""
        return self._ask(SNDCTL_DSP_SETFMT, format)

    def getfmts(self) -> int:
        """Return the formats that the device knows, as bits."""
        return self._ask(SNDCTL_DSP_GETFMTS)

    def channels(self, count: int) -> int:
        """Ask for a number of channels; return the one that was set."""
        return self._ask(SNDCTL_DSP_CHANNELS, count)

    def speed(self, rate: int) -> int:
        """Ask for samples a second; return the number that was set."""
        return self._ask(SNDCTL_DSP_SPEED, rate)

    def setparameters(
        self, format: int, nchannels: int, samplerate: int, strict: bool = False
    ) -> tuple[int, int, int]:
        """Set format, channels and rate at once; return what was set.

        Raises:
            OSError: strict, and something else was set.
        """
        asked = (format, nchannels, samplerate)
        done = (self.setfmt(format), self.channels(nchannels), self.speed(samplerate))
        if strict and done != asked:
            raise OSSAudioError(f"asked for {asked}, got {done}")
        return done

    def sync(self) -> None:
        """Wait until everything is played."""
        fcntl.ioctl(self._fd, SNDCTL_DSP_SYNC)

    def reset(self) -> None:
        """Stop at once."""
        fcntl.ioctl(self._fd, SNDCTL_DSP_RESET)

    def post(self) -> None:
        """Announce a pause to the device."""
        fcntl.ioctl(self._fd, SNDCTL_DSP_POST)

    def nonblock(self) -> None:
        """Never wait from now on."""
        fcntl.ioctl(self._fd, SNDCTL_DSP_NONBLOCK)


class _Mixer(_Device):
    def controls(self) -> int:
        """Return the controls that the mixer has, as bits."""
        return self._ask(_request("read", 0xFE, "M"))

    def stereocontrols(self) -> int:
        """Return the controls that have two channels, as bits."""
        return self._ask(_request("read", 0xFB, "M"))

    def reccontrols(self) -> int:
        """Return the controls that can be recorded from, as bits."""
        return self._ask(_request("read", 0xFD, "M"))

    def get(self, control: int) -> tuple[int, int]:
        """Return the volumes of a control, left and right, 0 to 100."""
        value = self._ask(_request("read", control, "M"))
        return value & 0xFF, value >> 8 & 0xFF

    def set(self, control: int, volumes: tuple[int, int]) -> tuple[int, int]:
        """Set the volumes of a control; return what was set."""
        value = self._ask(_request("both", control, "M"), volumes[1] << 8 | volumes[0])
        return value & 0xFF, value >> 8 & 0xFF

    def get_recsrc(self) -> int:
        """Return the controls that are recorded from, as bits."""
        return self._ask(_request("read", 0xFF, "M"))

    def set_recsrc(self, bits: int) -> int:
        """Set the controls that are recorded from; return what was set."""
        return self._ask(_request("both", 0xFF, "M"), bits)


def open(*args: str) -> _Audio:
    """Open an audio device: `open([device, ]mode)`, mode being r, w or rw.

    Raises:
        OSError: it can't be opened.
    """
    *device, mode = args
    flags = {"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR}.get(mode)
    if flags is None:
        raise OSSAudioError("mode must be 'r', 'w', or 'rw'")
    name = device[0] if device else os.environ.get("AUDIODEV", "/dev/dsp")
    return _Audio(name, flags, mode)


def openmixer(device: "str | None" = None) -> _Mixer:
    """Open a mixer.

    Raises:
        OSError: it can't be opened.
    """
    return _Mixer(device or os.environ.get("MIXERDEV", "/dev/mixer"), os.O_RDWR, "rw")
