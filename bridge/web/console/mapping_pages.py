"""The mapping: what is live, a draft of the next one, and what it would change."""

from __future__ import annotations

from flask import Response, request

from bridge.flow import publishing
from bridge.flow.bridge import Bridge
from bridge.flow.foreseeing import foresee
from bridge.ledger import mappings
from bridge.ledger.mappings import Origin, Overtaken
from bridge.mapping import Files, Mapping
from bridge.mapping.compare import FileDifference, compare
from bridge.mapping.guards import Priority
from bridge.mapping.merge import merge_files
from bridge.mapping.plain import asks, does
from bridge.mapping.source import is_file_name
from bridge.mapping.unhidden import secrets_in
from bridge.model import Kind, Visibility
from bridge.web.console import mapping_draft
from bridge.web.console.frame import Frame

MOST_COMMENT = 300


def pages(frame: Frame) -> None:
    bridge = frame.bridge

    @frame.get("/mapping")
    def mapping() -> Response:
        """What is live, in words and as it is written."""
        writing = mapping_draft.writing(bridge, frame.admin.name)
        with bridge.ledger.reading() as tx:
            drafts = mapping_draft.others(mappings.drafts(tx), frame.admin.name)
        files = publishing.files_of(writing.live) if writing.live else bridge.mapping.files
        checked = mapping_draft.checked(bridge, files)
        return frame.page(
            "mapping.html",
            title="Mapping",
            live=writing.live,
            files=files,
            checked=checked,
            rules=_rules(checked.mapping),
            writing=writing,
            drafts=drafts,
            named=mappings.named,
        )

    @frame.get("/mapping/edit")
    def mapping_edit() -> Response:
        writing = mapping_draft.writing(bridge, frame.admin.name)
        return _editor(frame, writing.files, writing.base, is_kept=writing.is_kept)

    @frame.post("/mapping/edit")
    def mapping_save() -> Response:
        """Keep the draft, and go on to what it would change."""
        files, base = mapping_draft.from_form(), _base()
        if request.form.get("then") == "file":
            files = _with_file(frame, files)
        if not _keep(frame, files, base):
            frame.say("A secret stands in the draft, so it was not kept.", "bad")
            return _editor(frame, files, base, is_kept=False, status=422)
        if request.form.get("then") != "review":
            frame.say("Your draft is kept. Nothing is published yet.")
            return frame.to("mapping_edit")
        if mapping_draft.checked(bridge, files).mistakes:
            return _editor(frame, files, base, is_kept=True, status=422)
        return frame.to("mapping_review")

    @frame.post("/mapping/check")
    def mapping_check() -> Response:
        """While somebody types: every mistake of what stands there now, and the draft kept."""
        files = mapping_draft.from_form()
        kept = _keep(frame, files, _base())
        checked = mapping_draft.checked(bridge, files)
        places = {name: place for place, (name, _) in enumerate(files)}
        return frame.page(
            "mapping_checked.html",
            title="Checked",
            checked=checked,
            kept=kept,
            is_kept=kept,
            places=places,
        )

    @frame.post("/mapping/discard")
    def mapping_discard() -> Response:
        with bridge.ledger.writing() as tx:
            mappings.drop_draft(tx, frame.admin.name)
            frame.deed(tx, "threw a draft of the mapping away")
        frame.say("Your draft is gone.")
        return frame.to("mapping")

    @frame.get("/mapping/review")
    def mapping_review() -> Response:
        """What the draft changes: lines, and where last week's posts would have gone."""
        writing = mapping_draft.writing(bridge, frame.admin.name)
        checked = mapping_draft.checked(bridge, writing.files)
        if not writing.is_kept or checked.mapping is None:
            return frame.to("mapping_edit")
        live_files = publishing.files_of(writing.live) if writing.live else bridge.mapping.files
        theirs: tuple[FileDifference, ...] = ()
        together = None
        base = _files_at(bridge, writing.base) if writing.since else None
        if base is not None:
            theirs = compare(base, live_files)
            together = merge_files(base, writing.files, live_files)
        live = mapping_draft.checked(bridge, live_files).mapping
        return frame.page(
            "mapping_review.html",
            title="What your draft changes",
            writing=writing,
            advice=checked.advice,
            differences=compare(live_files, writing.files),
            theirs=theirs,
            knows_base=base is not None,
            together=together is not None,
            foreseen=foresee(bridge.ledger, checked.mapping, live or bridge.mapping),
            most_comment=MOST_COMMENT,
            named=mappings.named,
        )

    @frame.post("/mapping/rebase")
    def mapping_rebase() -> Response:
        """The admin has seen what others published: the draft goes on from there, with their
        change in it where that was asked for."""
        writing = mapping_draft.writing(bridge, frame.admin.name)
        seen = request.form.get("seen", default=0, type=int)
        theirs = _files_at(bridge, seen)
        if not writing.is_kept or seen <= writing.base or theirs is None:
            return frame.to("mapping_review")
        if not _is_reviewed(frame, writing):
            return frame.to("mapping_review")
        files, said = writing.files, f"Your draft is now based on revision {seen}."
        if request.form.get("how") == "together":
            base = _files_at(bridge, writing.base)
            both = merge_files(base, files, theirs) if base is not None else None
            if both is None:
                frame.say("It cannot be told whose lines count: nothing was put together.", "bad")
                return frame.to("mapping_review")
            files, said = both, f"Your change now stands upon revision {seen}. Look it over."
        with bridge.ledger.writing() as tx:
            mappings.keep_draft(tx, frame.admin.name, files, seen)
            frame.deed(tx, "based a draft of the mapping anew", about=str(seen))
        frame.say(said, "note")
        return frame.to("mapping_review")

    @frame.post("/mapping/publish")
    def mapping_publish() -> Response:
        writing = mapping_draft.writing(bridge, frame.admin.name)
        comment = request.form.get("comment", "").strip()[:MOST_COMMENT]
        if not writing.is_kept:
            frame.say("There is no draft to publish any more.", "bad")
            return frame.to("mapping")
        if not _is_reviewed(frame, writing):
            return frame.to("mapping_review")
        if not comment:
            frame.say("Say in a few words why: others will ask.", "bad")
            return frame.to("mapping_review")
        checked = mapping_draft.checked(bridge, writing.files)
        if checked.mapping is None:
            return _editor(frame, writing.files, writing.base, is_kept=True, status=422)
        try:
            with bridge.ledger.writing() as tx:
                done = publishing.put(
                    tx,
                    checked.mapping,
                    author=frame.admin.name,
                    comment=comment,
                    base=writing.base,
                    origin=Origin.CONSOLE,
                )
                mappings.drop_draft(tx, frame.admin.name)
                frame.deed(tx, "published the mapping", about=str(done.number), detail=comment)
        except Overtaken:
            frame.say("Not published: somebody else has published since you began.", "bad")
            return frame.to("mapping_review")
        frame.say(f"Revision {done.number} is live. Everything takes it up within seconds.")
        return frame.to("mapping")


def _editor(frame: Frame, files: Files, base: int, *, is_kept: bool, status: int = 200) -> Response:
    checked = mapping_draft.checked(frame.bridge, files)
    hidden = secrets_in(files)
    return frame.page(
        "mapping_edit.html",
        title="Edit the mapping",
        status=status,
        files=files,
        base=base,
        is_kept=is_kept,
        checked=checked,
        kept=not hidden,
        places={name: place for place, (name, _) in enumerate(files)},
        words=_words(checked.mapping or frame.bridge.mapping),
    )


def _rules(mapping: Mapping | None) -> list[tuple[str, tuple[str, ...], str, bool]]:
    """Name, what it asks, what it does, whether it skips."""
    return [
        (rule.name, asks(rule.when), does(rule.then), not hasattr(rule.then, "group"))
        for rule in (mapping.rules if mapping else ())
    ]


def _words(mapping: Mapping) -> dict[str, tuple[str, ...]]:
    """What may stand in a rule, for somebody who has never written one."""
    routes = [rule.then for rule in mapping.rules if hasattr(rule.then, "group")]
    used = {getattr(route, "group", "") for route in routes} - {""}
    return {
        "account": tuple(mapping.accounts),
        "network": tuple(sorted({each.network for each in mapping.accounts.values()})),
        "kind": tuple(map(str, Kind)),
        "visibility": tuple(map(str, Visibility)),
        "priority": tuple(map(str, Priority)),
        "groups": tuple(sorted(used)),
    }


def _base() -> int:
    return request.form.get("base", default=0, type=int)


def _keep(frame: Frame, files: Files, base: int) -> bool:
    """No deed of its own: what is published, or thrown away, is one."""
    with frame.bridge.ledger.writing() as tx:
        return mapping_draft.keep(tx, frame.admin.name, files, base)


def _with_file(frame: Frame, files: Files) -> Files:
    name = request.form.get("new_name", "").strip()
    if name and not name.lower().endswith((".yaml", ".yml")):
        name += ".yaml"
    if not is_file_name(name) or name in dict(files):
        frame.say("A new file needs a name of its own, such as 30-rules.yaml.", "bad")
        return files
    return tuple(sorted((*files, (name, "# " + name + "\n"))))


def _is_reviewed(frame: Frame, writing: mapping_draft.Writing) -> bool:
    """Whether the draft is still what the form was shown beside: the editor keeps what is typed by
    itself, in any tab."""
    if request.form.get("reviewed") == writing.digest:
        return True
    frame.say("Your draft has changed since this page was shown: look again.", "bad")
    return False


def _files_at(bridge: Bridge, number: int) -> Files | None:
    """None where there is no such revision: a draft from before the first one began from files
    that nobody kept."""
    with bridge.ledger.reading() as tx:
        found = mappings.one(tx, number)
    return publishing.files_of(found) if found else None
