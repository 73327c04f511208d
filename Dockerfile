# The tag names the Node.js release and Debian's: an image built again later has the same runtime.
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

# A stage of its own, so that no compiler, test or dev tool is ever in the folder that the last stage copies.
FROM base AS production-dependencies
COPY package.json package-lock.json ./
# No package's own script runs: what is shipped is what was published.
RUN npm ci --omit=dev --ignore-scripts
# Every package that is installed, with its licence (npm sbom leaves out those that a development tool needs as well).
RUN node -p "Object.entries(require('./node_modules/.package-lock.json').packages).map(([path, { version, license }]) => [path.slice(13), version, license ?? 'names no licence'].join(' ')).join('\n')" > licences.txt
# What is known against them today. A registry may not take the question: then the file says so.
RUN npm audit --omit=dev > audit.txt 2>&1 || grep -q "vulnerabilit" audit.txt || echo "Skipped: the registry did not answer the audit. Nothing is known of vulnerabilities." > audit.txt; cat audit.txt

FROM base
ENV NODE_ENV=production
# package.json makes dist/ ES modules ("type": "module"). All stays root's: the service cannot write its own code.
COPY package.json ./
COPY --from=production-dependencies /app/node_modules ./node_modules
COPY --from=production-dependencies /app/licences.txt ./licences.txt
COPY --from=production-dependencies /app/audit.txt ./audit.txt
COPY --from=build /app/dist ./dist
# The image's user `node`, by number: Kubernetes cannot tell from a name that it is not root (runAsNonRoot).
USER 1000:1000
EXPOSE 3000 3001
# Exec form: node is process 1 and gets SIGTERM itself; a shell or npm before it would swallow the signal.
CMD ["node", "dist/index.js"]
