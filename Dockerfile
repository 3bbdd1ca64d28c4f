# syntax=docker/dockerfile:1

# Stage one: everything is installed into a folder of its own. What pip and setuptools leave
# behind stays here.
FROM python:3.11-slim-bookworm AS build

ENV PIP_CONSTRAINT=/src/constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /src
RUN ["python", "-m", "venv", "--without-pip", "/opt/nabi"]

# The dependencies change seldom, the program often: they are a layer of their own.
COPY constraints.txt pyproject.toml deploy/dependencies.py ./
RUN ["sh", "-c", "python dependencies.py pyproject.toml postgres > requirements.txt"]
RUN ["pip", "--python", "/opt/nabi/bin/python", "install", "--only-binary", ":all:", "-r", "requirements.txt"]
# What only compilers of TensorFlow's extensions need: headers and a C parser, a sixth of it all.
RUN ["sh", "-c", "rm -rf /opt/nabi/lib/python3*/site-packages/tensorflow/include /opt/nabi/lib/python3*/site-packages/clang"]

COPY README.md ./
COPY bot bot
COPY cogs cogs
COPY engine engine
COPY weights weights
RUN ["pip", "--python", "/opt/nabi/bin/python", "install", "--no-deps", "."]


# Stage two: Python, that folder, and somebody who may write nothing but the data.
FROM python:3.11-slim-bookworm

RUN pip uninstall --yes --root-user-action=ignore pip setuptools wheel \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin nabi \
 && install --directory --owner=nabi --group=nabi --mode=0700 /data

COPY --from=build /opt/nabi /opt/nabi

# Libraries that keep something at home keep it in /tmp, which compose.yaml makes a tmpfs.
ENV PATH=/opt/nabi/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    NABI_DATA=/data

WORKDIR /data
USER 10001:10001
VOLUME ["/data"]

# Asks /healthz: gateway ready, engine answering. It is inside, where loopback is enough.
HEALTHCHECK --interval=30s --timeout=15s --start-period=120s --retries=3 CMD ["nabi", "health"]

# No shell in between: the signal reaches the program, which then finishes what is running.
STOPSIGNAL SIGTERM
ENTRYPOINT ["nabi"]
# Without a token it stops and says so: the local chat's page would be out of reach in here.
CMD ["run", "--discord"]
