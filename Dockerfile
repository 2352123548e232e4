# The image of a worker: `cms-enablement worker`, for AWS Batch, Kubernetes and others. It holds no keys, no
# credentials and no routes. Build the bundles first: npm ci && npm run build
#   docker buildx build --platform linux/amd64,linux/arm64 --tag <registry>/cms-enablement:<version> --push .
ARG NODE_IMAGE=public.ecr.aws/docker/library/node:22-slim
FROM ${NODE_IMAGE}
COPY dist/cli.js dist/commands.js dist/device.js dist/part-*.js /app/dist/
COPY docs/errors.md /app/docs/
ENV NODE_ENV=production HOME=/tmp
# 4,096 connections a process, and as many files.
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["worker", "--help"]
