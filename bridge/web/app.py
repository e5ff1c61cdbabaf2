"""The web service, put together for one installation."""

from __future__ import annotations

from flask import Flask

from bridge.flow.bridge import Bridge
from bridge.metrics import Metrics
from bridge.web import answers, api, around, console, desk, hooks, sidebar, watch
from bridge.web.keeping import Letterbox


def create_app(bridge: Bridge) -> Flask:
    """Makes no call and does not touch the database: it starts while that is away."""
    app = Flask("bridge.web", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of Flask's default provider
    metrics = Metrics(bridge)
    around.install(app, metrics, https=bridge.settings.public_url.startswith("https:"))
    answers.install(app)
    letterbox = Letterbox(bridge)
    app.register_blueprint(hooks.blueprint(bridge, metrics, letterbox))
    app.register_blueprint(desk.blueprint(bridge, metrics, letterbox))
    app.register_blueprint(sidebar.blueprint(bridge))
    app.register_blueprint(watch.blueprint(bridge, metrics))
    app.register_blueprint(api.blueprint(bridge))
    app.register_blueprint(console.blueprint(bridge))
    return app
