# The workers fetch, annotate and stage files. As the launcher of the template, and in the job's last
# step, the same account commits: it publishes to BigQuery then.

resource "google_service_account" "worker" {
  account_id   = "newsbeam-worker"
  display_name = "newsbeam: workers of Dataflow"
}

resource "google_project_iam_member" "worker" {
  for_each = toset(concat(
    ["roles/dataflow.worker"],
    var.starter == "template" ? ["roles/dataflow.viewer", "roles/bigquery.jobUser"] : [],
  ))

  project = var.project
  role    = each.key
  member  = google_service_account.worker.member
}

resource "google_artifact_registry_repository_iam_member" "worker" {
  location   = google_artifact_registry_repository.newsbeam.location
  repository = google_artifact_registry_repository.newsbeam.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker" {
  bucket = google_storage_bucket.newsbeam.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.worker.member
}

resource "google_bigquery_dataset_iam_member" "worker" {
  count = local.has_template

  dataset_id = google_bigquery_dataset.newsbeam.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.worker.member
}

# The driver, where there is one, plans a pass, starts the Dataflow job, waits for it and commits.

resource "google_service_account" "driver" {
  count = local.has_driver

  account_id   = "newsbeam-driver"
  display_name = "newsbeam: plans and commits passes"
}

resource "google_project_iam_member" "driver" {
  for_each = toset(var.starter == "driver" ? ["roles/dataflow.developer", "roles/bigquery.jobUser"] : [])

  project = var.project
  role    = each.key
  member  = google_service_account.driver[0].member
}

resource "google_bigquery_dataset_iam_member" "driver" {
  count = local.has_driver

  dataset_id = google_bigquery_dataset.newsbeam.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.driver[0].member
}

resource "google_storage_bucket_iam_member" "driver" {
  count = local.has_driver

  bucket = google_storage_bucket.newsbeam.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.driver[0].member
}

resource "google_service_account_iam_member" "driver_starts_workers" {
  count = local.has_driver

  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.driver[0].member
}

# The schedule may start passes: the driver, or the template as the workers' account.

resource "google_service_account" "scheduler" {
  account_id   = "newsbeam-scheduler"
  display_name = "newsbeam: starts passes"
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  count = local.has_driver

  name     = google_cloud_run_v2_job.newsbeam[0].name
  location = google_cloud_run_v2_job.newsbeam[0].location
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_project_iam_member" "scheduler" {
  count = local.has_template

  project = var.project
  role    = "roles/dataflow.developer"
  member  = google_service_account.scheduler.member
}

resource "google_service_account_iam_member" "scheduler_starts_workers" {
  count = local.has_template

  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.scheduler.member
}

resource "google_storage_bucket_iam_member" "scheduler_reads_template" {
  count = local.has_template

  bucket = google_storage_bucket.newsbeam.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.scheduler.member
}
