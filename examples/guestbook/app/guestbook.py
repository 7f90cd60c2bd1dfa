"""A guestbook: entries in PostgreSQL, a counter of visits in Redis."""

import os
import socket

import psycopg2
import redis
from flask import Flask, jsonify, redirect, render_template_string, request

app = Flask(__name__)
cache = redis.Redis(host=os.environ["CACHE_HOST"], socket_connect_timeout=2, socket_timeout=2)

PAGE = """<!doctype html>
<title>Guestbook</title>
<h1>Guestbook</h1>
<form method="post" action="/sign">
  <input name="name" placeholder="name" required maxlength="60">
  <input name="message" placeholder="message" required maxlength="500">
  <button>Sign</button>
</form>
<ul>{% for name, message in entries %}<li><b>{{ name }}</b>: {{ message }}</li>{% endfor %}</ul>
<p>{{ visits }} visits; served by {{ host }}</p>
"""


def database():
    return psycopg2.connect(
        host=os.environ["DB_HOST"],
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        dbname=os.environ["DB_NAME"],
        connect_timeout=2,
    )


def query(text, values=(), rows=True):
    connection = database()
    try:
        with connection, connection.cursor() as cursor:
            # All replicas start at once; the lock makes one of them create the table and the others wait.
            cursor.execute("SELECT pg_advisory_xact_lock(1)")
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS entries"
                " (id serial PRIMARY KEY, name text NOT NULL, message text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
            )
            cursor.execute(text, values)
            return cursor.fetchall() if rows else []
    finally:
        connection.close()


@app.get("/")
def index():
    entries = query("SELECT name, message FROM entries ORDER BY id DESC LIMIT 50")
    return render_template_string(PAGE, entries=entries, visits=cache.incr("visits"), host=socket.gethostname())


@app.get("/entries")
def entries():
    rows = query("SELECT name, message FROM entries ORDER BY id")
    return jsonify([{"name": name, "message": message} for name, message in rows])


@app.post("/sign")
def sign():
    name, message = request.form["name"][:60], request.form["message"][:500]
    query("INSERT INTO entries (name, message) VALUES (%s, %s)", (name, message), rows=False)
    return redirect("/", code=303)


@app.get("/health")
def health():
    query("SELECT 1")
    cache.ping()
    return "ok\n"
