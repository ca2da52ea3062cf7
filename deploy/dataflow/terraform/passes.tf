# Passes by a driver (starter = "driver"): a job of Cloud Run that starts a Dataflow job, waits for it
# and commits.

resource "google_cloud_run_v2_job" "newsbeam" {
  count = local.has_driver

  name     = "newsbeam"
  location = var.region

  template {
    template {
      service_account = google_service_account.driver[0].email
      timeout         = var.timeout
      max_retries     = 1 # a pass that failed left nothing behind; it can be started again

      containers {
        image   = local.image
        command = ["newsbeam"]
        args = concat(["run"], var.feeds, [
          "--output=${local.bucket}/warehouse",
          "--output=bq://${var.project}.${google_bigquery_dataset.newsbeam.dataset_id}",
          "--contact=${var.contact}",
          "--workers=${var.workers * local.cores}",
          "--log-format=json",
          "--runner=DataflowRunner",
          "--project=${var.project}",
          "--region=${var.region}",
          "--temp_location=${local.bucket}/beam/temp",
          "--staging_location=${local.bucket}/beam/staging",
          "--sdk_container_image=${local.image}",
          "--sdk_location=container",
          "--service_account_email=${google_service_account.worker.email}",
          "--machine_type=${var.machine_type}",
          "--max_num_workers=${var.workers}",
        ])

        resources {
          limits = {
            cpu    = "1"
            memory = "2Gi"
          }
        }
      }
    }
  }

  depends_on = [google_bigquery_table.newsbeam]
}

resource "google_cloud_scheduler_job" "newsbeam" {
  count = local.has_driver

  name        = "newsbeam"
  description = "Starts a pass of newsbeam"
  region      = var.region
  schedule    = var.schedule
  time_zone   = "Etc/UTC"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.newsbeam[0].id}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }
}
