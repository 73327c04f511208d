# The tag names the Node.js release and Debian's: an image built again later has the same runtime.
FROM node:20.20.2-bookworm-slim AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

# A stage of its own, so that no compiler, test or dev tool is ever in the folder that the last stage copies.
FROM base AS production-dependencies
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM base
ENV NODE_ENV=production
# package.json makes dist/ ES modules ("type": "module"). All stays root's: the service cannot write its own code.
COPY package.json ./
COPY --from=production-dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# The image's user `node`, by number: Kubernetes cannot tell from a name that it is not root (runAsNonRoot).
USER 1000:1000
EXPOSE 3000 3001
# Exec form: node is process 1 and gets SIGTERM itself; a shell or npm before it would swallow the signal.
CMD ["node", "dist/index.js"]
