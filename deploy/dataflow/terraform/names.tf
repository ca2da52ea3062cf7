locals {
  image  = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.newsbeam.name}/newsbeam:${var.image_tag}"
  bucket = "gs://${google_storage_bucket.newsbeam.name}"
  worker = google_service_account.worker.email
  cores  = tonumber(regex("[0-9]+$", var.machine_type)) # Dataflow starts a process a core

  has_driver   = var.starter == "driver" ? 1 : 0
  has_template = var.starter == "template" ? 1 : 0
}
