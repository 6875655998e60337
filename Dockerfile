# What Kubernetes, AWS Batch and Hugging Face Jobs run: docker build -t voxshard . — the image's command is voxshard itself.
FROM node:22-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --no-fund --no-audit && npm run build && npm pack --ignore-scripts

FROM node:22-slim
COPY --from=build /build/voxshard-*.tgz /tmp/voxshard.tgz
RUN npm install --global --no-fund --no-audit /tmp/voxshard.tgz && rm /tmp/voxshard.tgz
# Nothing is kept in the image: the directories' cache and work under way lie where a volume may be mounted.
ENV VOXSHARD_CACHE=/scratch/cache TMPDIR=/scratch
RUN mkdir -m 1777 /scratch
USER node
ENTRYPOINT ["voxshard"]
