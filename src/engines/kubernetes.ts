import { isStore } from "../stores/store.ts";
import { containerCalls, imageOf, jsonValues } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { handOverScript } from "./hand-over-script.ts";
import { type Job, shellWords } from "./job.ts";
import { fromTemplate } from "./template.ts";

/** An Indexed Job for the tasks, and a Job that says "try again" until their shards are there. */
export const kubernetes: Engine = {
  name: "k8s",
  takes: ["folder", "store"],
  async files(job) {
    const values = valuesOf(job);
    const own = async (name: string) => {
      return { name, text: await fromTemplate(`k8s/${name}`, values, job.templates) };
    };
    const names = job.tasks.length > 0 ? ["job.yaml", "finalize.yaml"] : ["finalize.yaml"];
    const manifests = await Promise.all(names.map(own));
    return [...manifests, { name: "submit.sh", text: submitScript(job, names) }];
  },
  async handOver(job, { signal }) {
    const { text, exitCode } = await handOverScript("kubectl", job, signal);
    return { text: `${text}kubectl get pods -l app=voxshard shows them\n`, exitCode };
  },
};

function valuesOf(job: Job) {
  const { run, after } = containerCalls(job);
  const scratch = { name: "scratch", mountPath: "/scratch" };
  const mounts = isStore(job.folder) ? [scratch] : [{ name: "out", mountPath: job.folder }, scratch];
  const shared = { name: "out", persistentVolumeClaim: { claimName: "voxshard" } };
  const volumes = [...(isStore(job.folder) ? [] : [shared]), { name: "scratch", emptyDir: {} }];
  const containers = after.map((args) => {
    const secrets = [{ secretRef: { name: "voxshard", optional: true } }];
    return { name: args[0], image: imageOf(job), args, envFrom: secrets, volumeMounts: mounts };
  });
  return jsonValues({
    name: job.name,
    finalize_name: `${job.name}-finalize`,
    tasks: job.tasks.length,
    width: Math.min(job.width ?? job.tasks.length, job.tasks.length),
    image: imageOf(job),
    run,
    mounts,
    volumes,
    before_last: containers.slice(0, -1),
    last: containers.slice(-1),
  });
}

function submitScript(job: Job, manifests: readonly string[]): string {
  const kubectl = (verb: string) => `kubectl ${verb} ${shellWords([...job.flags])}`.trimEnd();
  const files = manifests.map((name) => `-f ${name}`).join(" ");
  return `#!/bin/sh
# What voxshard submit does. Jobs of this name that are there already make room: a finished shard stays as it is.
set -eu
cd ${shellWords([job.files])}
${kubectl("delete --ignore-not-found")} ${files} >&2
${kubectl("apply")} ${files}
`;
}
