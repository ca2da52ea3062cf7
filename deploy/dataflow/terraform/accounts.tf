# The driver plans a pass, starts the Dataflow job, waits for it and commits.

resource "google_service_account" "driver" {
  account_id   = "newsbeam-driver"
  display_name = "newsbeam: plans and commits passes"
}

resource "google_project_iam_member" "driver" {
  for_each = toset(["roles/dataflow.developer", "roles/bigquery.jobUser"])

  project = var.project
  role    = each.key
  member  = google_service_account.driver.member
}

resource "google_bigquery_dataset_iam_member" "driver" {
  dataset_id = google_bigquery_dataset.newsbeam.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.driver.member
}

resource "google_service_account_iam_member" "driver_starts_workers" {
  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.driver.member
}

# The workers fetch, annotate and stage files; they have nothing to do with BigQuery.

resource "google_service_account" "worker" {
  account_id   = "newsbeam-worker"
  display_name = "newsbeam: workers of Dataflow"
}

resource "google_project_iam_member" "worker" {
  project = var.project
  role    = "roles/dataflow.worker"
  member  = google_service_account.worker.member
}

resource "google_artifact_registry_repository_iam_member" "worker" {
  location   = google_artifact_registry_repository.newsbeam.location
  repository = google_artifact_registry_repository.newsbeam.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "files" {
  for_each = {
    driver = google_service_account.driver.member
    worker = google_service_account.worker.member
  }

  bucket = google_storage_bucket.newsbeam.name
  role   = "roles/storage.objectAdmin"
  member = each.value
}

# The schedule may start the driver, and nothing else.

resource "google_service_account" "scheduler" {
  account_id   = "newsbeam-scheduler"
  display_name = "newsbeam: starts passes"
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  name     = google_cloud_run_v2_job.newsbeam.name
  location = google_cloud_run_v2_job.newsbeam.location
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}
