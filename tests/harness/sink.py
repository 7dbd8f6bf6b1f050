"""A receiving SMTP server that does what a script tells it to: refuse, stall, break off; and that counts what it
took.

The script is a function of a Step that returns what to do there: None to go on, Reply("450 4.2.0 later"), DROP, or
Stall(seconds). A mail counts as taken when its last dot has come and the sink did not refuse it: dropped or stalled
after the dot it may have been taken, and the sender can't know, which is the very case that must not lead to a second
one.
"""

import asyncio
import collections
import dataclasses
import re
import threading

MAX_MAIL = 1 << 23  # octets


@dataclasses.dataclass
class Reply:
    """Say this instead of the usual reply; 4xx and 5xx refuse."""
    text: str


@dataclasses.dataclass
class Stall:
    """Wait, then go on."""
    seconds: float


DROP = object()  # close the connection without a word


@dataclasses.dataclass
class Step:
    """Where a session stands: stage is connect, helo, mail, rcpt, data, dot or quit."""
    stage: str
    sender: str = ""
    recipient: str = ""
    message_id: str = ""
    text: str = ""  # the mail; at dot
    session: int = 0  # counts connections to this sink
    attempt: int = 0  # counts how often this sender and recipient came, from 1 on, from rcpt on

    @property
    def header(self):
        """The mail's header, each field ended by CRLF."""
        return self.text.partition("\r\n\r\n")[0] + "\r\n"


def greylist(attempts=1):
    """A script: each recipient is refused that many times."""
    def script(step):
        if step.stage == "rcpt" and step.attempt <= attempts:
            return Reply("450 4.2.0 Greylisted, come again")
        return None
    return script


def at(stage, action, sessions=None):
    """A script: this action at this stage, in the first `sessions` sessions alone if given."""
    def script(step):
        return action if step.stage == stage and (sessions is None or step.session <= sessions) else None
    return script


class Sink:
    """Listens as long as it lives, in a thread of its own; a context manager. It ends with the program."""

    def __init__(self, address, port=25, script=None, hostname="sink.test"):
        self.script = script or (lambda step: None)
        self.hostname = hostname
        self.taken = collections.Counter()  # (recipient, Message-ID) → how many copies
        self.steps = collections.Counter()  # stage → how often reached
        self._attempts = collections.Counter()
        self._lock = threading.Lock()  # of taken
        self._sessions = 0
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, address, port, limit=MAX_MAIL))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def copies(self, recipient):
        """How many mails were taken for a recipient, whatever their Message-ID."""
        return sum(count for (to, _), count in self.all_taken().items() if to == recipient)

    def duplicates(self):
        """What was taken more than once: the invariant is that this is empty."""
        return {key: count for key, count in self.all_taken().items() if count > 1}

    def all_taken(self):
        """What was taken so far, as `taken`, which grows meanwhile."""
        with self._lock:
            return dict(self.taken)

    def close(self):
        def stop():
            self._server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.call_soon(self._loop.stop)
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(stop)
            self._thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    async def _serve(self, reader, writer):
        self._sessions += 1
        try:
            await self._session(reader, writer, Step("connect", session=self._sessions))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client has gone, or the sink is to end
        finally:
            writer.close()

    async def _session(self, reader, writer, step):
        async def answer(stage, usual):
            """Do what the script says at this stage; returns whether it was the usual reply."""
            step.stage = stage
            self.steps[stage] += 1
            action = self.script(step)
            if isinstance(action, Stall):
                await asyncio.sleep(action.seconds)
                action = None
            if action is DROP:
                if stage == "dot":
                    self._take(step)
                raise ConnectionAbortedError
            if stage == "dot" and (action is None or action.text.startswith("2")):
                self._take(step)
            writer.write(((action.text if action else usual) + "\r\n").encode())
            await writer.drain()
            return action is None or action.text[0] in "23"

        def path(line):
            return line.partition("<")[2].partition(">")[0]
        if not await answer("connect", f"220 {self.hostname} ESMTP"):
            return
        while line := (await reader.readuntil(b"\n")).decode("utf-8", "replace").strip():
            verb = line.partition(" ")[0].upper()
            if verb in ("EHLO", "HELO"):
                await answer("helo", f"250-{self.hostname}\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 8BITMIME")
            elif verb == "MAIL":
                step.sender, step.recipient = path(line), ""
                await answer("mail", "250 2.1.0 Ok")
            elif verb == "RCPT":
                recipient = path(line)
                self._attempts[step.sender, recipient] += 1
                step.recipient, step.attempt = recipient, self._attempts[step.sender, recipient]
                if not await answer("rcpt", "250 2.1.5 Ok"):
                    step.recipient = ""
            elif verb == "DATA" and not step.recipient:
                writer.write(b"554 5.5.1 no valid recipients\r\n")
            elif verb == "DATA":
                if await answer("data", "354 go on"):
                    step.text = (await self._read_data(reader)).decode("utf-8", "replace")
                    found = re.search(r"(?im)^Message-ID:\s*(\S+)", step.header)
                    step.message_id = found.group(1) if found else ""
                    await answer("dot", "250 2.0.0 Ok")
            elif verb == "QUIT":
                await answer("quit", "221 2.0.0 Bye")
                return
            else:
                writer.write(b"250 2.0.0 Ok\r\n" if verb in ("RSET", "NOOP") else b"502 5.5.2 unknown\r\n")

    @staticmethod
    async def _read_data(reader):
        """Up to the last dot; a mail has a header, so that the dot is never the first line."""
        text = await reader.readuntil(b"\n.\r\n")
        return re.sub(rb"(?m)^\.", b"", text[:-3])

    def _take(self, step):
        with self._lock:
            self.taken[step.recipient, step.message_id] += 1
