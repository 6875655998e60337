import { hostname, userInfo } from "node:os";
import path from "node:path";

export interface Ports {
  readonly controller: number;
  /** By node. */
  readonly nodes: Readonly<Record<string, number>>;
}

/**
 * A cluster whose nodes are daemons of this machine, on loopback alone, with munge and all state under `home`. It is as
 * quick as Slurm can be in noticing what happened: sites wait minutes where this waits seconds.
 */
export function slurmConf(home: string, { controller, nodes }: Ports, cpus: number, maxArraySize: number): string {
  const [host, user] = [hostname(), userInfo().username];
  const node = ([name, port]: [string, number]) =>
    `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=${cpus} RealMemory=64000`;
  return `ClusterName=voxshard
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${home}/munge.socket,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
TaskProlog=${path.join(home, "task-prolog")}
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=sched_interval=2,batch_sched_delay=0,sched_min_interval=0
StateSaveLocation=${home}/state
SlurmdSpoolDir=${home}/spool/%n
SlurmctldPidFile=${home}/slurmctld.pid
SlurmdPidFile=${home}/%n.pid
SlurmctldLogFile=${home}/slurmctld.log
SlurmdLogFile=${home}/%n.log
SlurmdTimeout=10
KillWait=6
ReturnToService=2
SlurmdParameters=config_overrides
MailProg=/bin/true
MaxArraySize=${maxArraySize}
${Object.entries(nodes).map(node).join("\n")}
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

/** Gives tasks what the file of their node says: variables that only this node has. */
export const taskProlog = (home: string) => `#!/bin/sh
[ ! -f "${home}/env/$SLURMD_NODENAME" ] || . "${home}/env/$SLURMD_NODENAME"
`;
