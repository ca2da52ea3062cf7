# What Cloud Scheduler asks Dataflow for, and the template that this names.

locals {
  template = "templates/newsbeam-${var.image_tag}.json"

  # ContainerSpec, as deploy/dataflow/template.py prints it.
  spec = {
    image              = local.image
    sdkInfo            = { language = "PYTHON" }
    metadata           = jsondecode(file("${path.module}/../metadata.json"))
    defaultEnvironment = { sdkContainerImage = local.image }
  }

  # LaunchFlexTemplateRequest
  launch = {
    launchParameter = {
      jobName              = "newsbeam"
      containerSpecGcsPath = "${local.bucket}/${local.template}"
      parameters = {
        feeds   = join(" ", var.feeds)
        output  = "${local.bucket}/warehouse bq://${var.project}.${var.dataset}"
        contact = var.contact
        workers = tostring(var.workers * local.cores)
      }
      environment = {
        maxWorkers          = var.workers
        machineType         = var.machine_type
        serviceAccountEmail = local.worker
        tempLocation        = "${local.bucket}/beam/temp"
        stagingLocation     = "${local.bucket}/beam/staging"
        sdkContainerImage   = local.image
      }
    }
  }
}
