# Passes by the Flex Template (starter = "template"): Cloud Scheduler has Dataflow launch it, and the
# job commits by itself.

resource "google_storage_bucket_object" "template" {
  count = local.has_template

  bucket       = google_storage_bucket.newsbeam.name
  name         = local.template
  content      = jsonencode(local.spec)
  content_type = "application/json"
}

resource "google_cloud_scheduler_job" "template" {
  count = local.has_template

  name        = "newsbeam"
  description = "Launches a pass of newsbeam"
  region      = var.region
  schedule    = var.schedule
  time_zone   = "Etc/UTC"

  http_target {
    http_method = "POST"
    uri         = "https://dataflow.googleapis.com/v1b3/projects/${var.project}/locations/${var.region}/flexTemplates:launch"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(jsonencode(local.launch))

    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }

  depends_on = [google_storage_bucket_object.template, google_bigquery_table.newsbeam]
}
