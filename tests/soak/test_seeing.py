"""What a comment tells is read as people read it."""

from __future__ import annotations

from bridge.model import Kind, Person, Post, Visibility, utcnow
from bridge.text.comments import comment
from soak.counting import Piece
from soak.seeing import pieces


def post(text: str, *above: Post, private: bool = False) -> Post:
    return Post(
        account="shop",
        network="site",
        id=text,
        kind=Kind.DM if private else Kind.COMMENT,
        visibility=Visibility.PRIVATE if private else Visibility.PUBLIC,
        author=Person("site", "1", "customer1", "Customer 1"),
        text=text,
        created_at=utcnow(),
        thread_id="thread",
        history=above,
    )


def test_a_post_is_called_what_its_footer_says() -> None:
    """As the bridge really writes it."""
    assert (Piece("post-1", False),) == pieces(comment(post("my post-1 is late"), ()))
    assert (Piece("post-2", True),) == pieces(comment(post("my post-2", private=True), ()))


def test_several_posts_in_one_comment_are_several() -> None:
    """In their order, each with its own footer."""
    both = "\n\n".join((comment(post("post-1"), ()), comment(post("post-2", private=True), ())))
    assert (Piece("post-1", False), Piece("post-2", True)) == pieces(both)


def test_what_is_only_quoted_is_not_told_again() -> None:
    """A post above in the thread has a comment of its own."""
    quoting = comment(post("post-3", post("post-1 came first")), ())
    assert "post-1" in quoting
    assert (Piece("post-3", False),) == pieces(quoting)


def test_a_post_without_a_footer_counts_as_public() -> None:
    """Nobody was told that it is private."""
    assert (Piece("post-1", False),) == pieces("post-1 and no more")
