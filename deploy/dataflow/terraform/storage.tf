locals {
  tables = jsondecode(file("${path.module}/tables.json"))
}

resource "google_storage_bucket" "newsbeam" {
  name                        = var.bucket
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  lifecycle_rule {
    condition {
      age            = var.keep_staging_days
      matches_prefix = ["beam/"]
    }
    action {
      type = "Delete"
    }
  }
}

resource "google_bigquery_dataset" "newsbeam" {
  dataset_id  = var.dataset
  location    = var.location
  description = "Articles, named entities and attributed quotations of news feeds, by newsbeam"
}

resource "google_bigquery_table" "newsbeam" {
  for_each = local.tables

  dataset_id          = google_bigquery_dataset.newsbeam.dataset_id
  table_id            = each.key
  description         = each.value.description
  schema              = jsonencode(each.value.schema)
  clustering          = length(each.value.clustering) > 0 ? each.value.clustering : null
  deletion_protection = true

  time_partitioning {
    type  = "DAY"
    field = "ingest_date"
  }

  lifecycle {
    ignore_changes = [schema] # a newer newsbeam adds columns itself
  }
}

resource "google_artifact_registry_repository" "newsbeam" {
  repository_id = "newsbeam"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of newsbeam"
}
