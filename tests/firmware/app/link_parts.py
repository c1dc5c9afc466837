"""A link between parts that only note what it asks of them, to the millisecond."""

from picototp.app.link import Link
from picototp.protocol import frames
from picototp.protocol.request import Consent, Wait

SESSION = "s1"


def line_of(op, number=1, s=SESSION, **fields):
    return frames.encode(frames.REQUEST_MARK, {"id": number, "s": s, "op": op, **fields})


class Parts:
    """The port, the service, the interface and the counter of a Link; what it asked of them is in
    `asked`. `results` says what the service does at each request: gives it, or raises it."""

    def __init__(self):
        self.asked = []
        self.now = 0
        # the port
        self.incoming, self.sent = b"", []
        # the service
        self.results = {}
        self.hello_error = None
        # the interface
        self.asking = self.left_traces = False
        self.answer = None
        self.asked_ms = self.used_ms = 0
        self.busy_hand = False
        self.shows = True
        for name in ("unlocked", "accounts_changed", "show", "progress", "end_progress"):
            setattr(self, name, self._noted(name))
        self.link = Link(self, self, self, self, lambda: self.shows)

    def _noted(self, name):
        return lambda *what: self.asked.append((name, *what))

    # --- what the link asks --------------------------------------------------------------------

    def now_us(self):
        return self.now * 1000 + 7

    def now_ms(self):
        return self.now

    def read(self):
        data, self.incoming = self.incoming, b""
        self.asked.append(("read",))
        return data

    def write(self, data):
        self.sent.append(frames.decode(frames.ANSWER_MARK, data))

    def handle(self, message, arrived_us):
        self.asked.append(("handle", message["op"], arrived_us))
        result = self.results[message["op"]]
        if isinstance(result, Exception):
            raise result
        return dict(result) if isinstance(result, dict) else result

    def hello(self, message):
        if self.hello_error is not None:
            raise self.hello_error
        return {}

    def in_use(self, now_ms):
        self.asked.append(("in use", now_ms))
        return self.busy_hand

    def ask(self, title, lines, now_ms, pages):
        self.asked.append(("ask", title, lines, now_ms, pages))
        self.asking, self.answer, self.asked_ms = True, None, now_ms

    def withdraw_question(self):
        self.asked.append(("withdraw",))
        self.asking = False

    # --- what tests do -------------------------------------------------------------------------

    def poll(self, data=b"", at=None):
        """What it sent in a turn at that millisecond, but for whose it is."""
        if at is not None:
            self.now = at
        self.incoming += data
        self.asked.clear()
        self.changed = self.link.poll(self.now_us())
        return self.said()

    def said(self):
        answers, self.sent = self.sent, []
        for answer in answers:
            answer.pop("id"), answer.pop("s")
        return answers

    def request(self, op, result, at=None, **fields):
        """Of the first session; what it sent in that turn."""
        self.results[op] = result
        return self.poll(line_of(op, **fields), at)

    def greeted(self):
        assert self.poll(line_of("hello", v=frames.VERSION)) == [{"ok": True}]
        return self

    def names(self):
        """What was asked, without what it was asked with."""
        return [one[0] for one in self.asked]

    def waiting(self, outcomes, must_end=False):
        """A Wait whose polls give these, one after the other, or raise them."""

        def poll(now_us):
            self.asked.append(("poll", now_us))
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return Wait(poll, self._noted("cancel"), must_end)

    def consent(self, then=dict):
        """A question that notes whatever is done with it."""

        def agreed():
            self.asked.append(("then",))
            if isinstance(then, Exception):
                raise then
            return then() if callable(then) else then

        noted = self._noted
        return Consent(
            "Sure?", ("a", "b"), agreed, noted("otherwise"), noted("forget"), "pages",
            noted("begin"),
        )  # fmt: skip


def codes(answers):
    return [answer["error"]["code"] for answer in answers]
