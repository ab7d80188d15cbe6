# The hub in a container: one image for `hub serve`, `hub sync`, `hub migrate` and the simulators.

FROM python:3.11-slim AS build
WORKDIR /build
# Everything that is fetched is checked against a hash: the build tools, what the hub needs, and nothing besides.
COPY tools/build.lock tools/build.lock
RUN pip install --no-cache-dir --require-hashes --requirement tools/build.lock
COPY requirements-runtime.lock .
RUN python -m venv --without-pip /opt/hub \
    && uv pip install --python /opt/hub --no-cache --compile-bytecode --require-hashes --requirement requirements-runtime.lock
COPY pyproject.toml README.md ./
COPY src src
COPY migrations migrations
COPY openapi openapi
RUN uv build --wheel --no-build-isolation --out-dir dist \
    && uv pip install --python /opt/hub --no-cache --compile-bytecode --no-deps --no-index dist/*.whl

FROM python:3.11-slim
LABEL org.opencontainers.image.title="public-resource-hub" \
      org.opencontainers.image.description="公共资源交易数据交换枢纽: the data-exchange hub of China's public-resource trading" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 hub \
    && useradd --uid 10001 --gid hub --no-create-home --home-dir /var/lib/hub --shell /usr/sbin/nologin hub \
    && install --directory --owner hub --group hub --mode 750 /var/lib/hub /var/lib/hub-checkpoints \
    && install --directory --owner hub --group hub --mode 700 /var/lib/hub-log-key \
    && pip uninstall --yes --quiet --root-user-action ignore setuptools wheel pip
COPY --from=build /opt/hub /opt/hub
ENV PATH=/opt/hub/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HUB_DATA_DIR=/var/lib/hub
USER 10001:10001
WORKDIR /var/lib/hub
VOLUME /var/lib/hub
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["hub", "serve", "--host", "0.0.0.0"]
