output "image" {
  description = "Name under which the image has to be pushed."
  value       = local.image
}

output "warehouse" {
  description = "Folder of the Parquet files."
  value       = "${local.bucket}/warehouse"
}

output "dataset" {
  description = "Dataset of the tables."
  value       = "${var.project}.${google_bigquery_dataset.newsbeam.dataset_id}"
}
