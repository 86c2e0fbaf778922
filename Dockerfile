# The server with its embedded database. Data are in /data; with MONGODB_URI there are none.
#
#   docker build --tag testflinger-server .
#   docker run --publish 5000:5000 --volume testflinger:/data testflinger-server

FROM oven/bun:1.4.5 AS build
WORKDIR /source
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile --production
COPY tsconfig.json ./
COPY scripts/build.ts scripts/
COPY src src
RUN bun scripts/build.ts && mkdir /data

# glibc, CA certificates, and a user who is not root: no shell, no package manager.
FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=build /source/dist/testflinger-server /usr/local/bin/
# A named volume takes its owner from here.
COPY --from=build --chown=nonroot:nonroot /data /data
ENV HOST=0.0.0.0 TESTFLINGER_DATA_DIR=/data
VOLUME /data
# 9090: metrics for Prometheus
EXPOSE 5000 9090
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/usr/local/bin/testflinger-server", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/testflinger-server"]
