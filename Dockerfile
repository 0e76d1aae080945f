# Usher for production: Node runs the TypeScript sources as they are, so nothing is built.
#
#   docker build -t usher .
#   docker run -p 3000:3000 -e NODE_ENV=production -e ISSUER=https://usher.example \
#     -e DATABASE_URL=postgres://... -e USHER_KEY=... -e TRUST_PROXY=1 usher
#
# The image brings its own Node, so the dev dependency `node` stays out with the others.

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 \
  NODE_COMPILE_CACHE=/usher/node_modules/.cache/usher \
  MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /usher

COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY src src
COPY views views
COPY migrations migrations
# Data that is read at the start.
COPY config config

# Where Node keeps what it makes of the modules, for the next start.
RUN mkdir -p node_modules/.cache && chown node:node node_modules/.cache

USER node
EXPOSE 3000

# Docker itself restarts no unhealthy container; it tells Compose (`depends_on: service_healthy`) and
# proxies such as Traefik where to send requests. So this asks for readiness. Swarm does kill what is
# unhealthy, and killing helps nobody while the database is away: there set HEALTHCHECK_PATH=/healthz.
# Kubernetes ignores this: give it /healthz as liveness probe and /readyz as readiness probe.
ENV HEALTHCHECK_PATH=/readyz
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=2 CMD \
  ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}${process.env.HEALTHCHECK_PATH}`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Node itself is process 1: it gets SIGTERM, drains (DRAIN_SECONDS) and ends by STOP_SECONDS. Docker kills
# after 10 s unless told otherwise: docker run --stop-timeout 20, or stop_grace_period: 20s in Compose.
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=100", "src/main.ts"]
