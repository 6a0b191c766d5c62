# Two stages: the first resolves nothing and compiles nothing at run time, it only installs what the lock file names.
FROM python:3.13-slim AS build
WORKDIR /srv/ttdn
COPY requirements.lock ./
RUN python -m venv .venv \
 && .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock

FROM python:3.13-slim
# A user with a name: PostgreSQL's initdb refuses root and ids without one.
RUN groupadd --gid 10001 ttdn \
 && useradd --uid 10001 --gid ttdn --home-dir /srv/ttdn --no-create-home --shell /usr/sbin/nologin ttdn \
 && install --directory --owner=ttdn --group=ttdn /data
WORKDIR /srv/ttdn
COPY --from=build /srv/ttdn/.venv .venv
COPY app app
COPY migrations migrations
COPY openapi openapi
COPY LICENSE README.md ./
ENV PATH="/srv/ttdn/.venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    TTDN_HOST=0.0.0.0 \
    TTDN_PORT=8000 \
    TTDN_DATA_DIR=/data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# `up` runs everything in one container (embedded PostgreSQL in /data unless TTDN_DATABASE_URL is set);
# a deployment of several containers runs `db upgrade` once, then `serve` and `worker`.
ENTRYPOINT ["python", "-m", "app.cli"]
CMD ["up"]
