/**
 * What others than the service measure and the alerts and panels read: the job under which the Prometheus operator's own
 * stack scrapes it, and the labels that are read. Their documentation:
 * https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics,
 * https://kubernetes.io/docs/reference/instrumentation/metrics/ (kubelet_volume_stats)
 */
export const measuredElsewhere: Record<string, { job: string; labels: string[] }> = {
  kube_cronjob_created: ofKubeStateMetrics('cronjob'),
  kube_cronjob_status_last_successful_time: ofKubeStateMetrics('cronjob'),
  kube_deployment_spec_replicas: ofKubeStateMetrics('deployment'),
  kube_deployment_status_replicas_available: ofKubeStateMetrics('deployment'),
  kube_horizontalpodautoscaler_spec_max_replicas: ofKubeStateMetrics('horizontalpodautoscaler'),
  kube_horizontalpodautoscaler_status_desired_replicas: ofKubeStateMetrics('horizontalpodautoscaler'),
  kube_pod_container_status_restarts_total: ofKubeStateMetrics('pod', 'container'),
  kube_statefulset_replicas: ofKubeStateMetrics('statefulset'),
  kube_statefulset_status_replicas_ready: ofKubeStateMetrics('statefulset'),
  kubelet_volume_stats_available_bytes: { job: 'kubelet', labels: ['persistentvolumeclaim'] },
  kubelet_volume_stats_capacity_bytes: { job: 'kubelet', labels: ['persistentvolumeclaim'] },
};

function ofKubeStateMetrics(...labels: string[]) {
  return { job: 'kube-state-metrics', labels };
}
