variable "project" {
  description = "Project in which everything is made."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project's id has 6 to 30 lower-case letters, digits and hyphens, such as my-project-1."
  }
}

variable "region" {
  description = "Region of the jobs, the images and the schedule."
  type        = string
  default     = "europe-west3"
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region is written as in europe-west3."
  }
}

variable "location" {
  description = "Where the bucket and the dataset lie; it cannot be changed later."
  type        = string
  default     = "EU"
  validation {
    condition     = can(regex("^(EU|US|[a-z]+-[a-z]+[0-9]+)$", var.location))
    error_message = "A location is EU, US or a region such as europe-west3."
  }
}

variable "bucket" {
  description = "Name of the bucket for feed lists, Parquet files, state and staged files; new, and unique in the world."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket's name has 3 to 63 lower-case letters, digits, hyphens, dots and underscores."
  }
}

variable "dataset" {
  description = "Name of the BigQuery dataset."
  type        = string
  default     = "news"
  validation {
    condition     = can(regex("^[A-Za-z0-9_]+$", var.dataset)) && length(var.dataset) <= 1024
    error_message = "A dataset's name has letters, digits and underscores."
  }
}

variable "feeds" {
  description = "Feed addresses and lists (OPML, or text with an address a line); lists may lie in the bucket, as gs://BUCKET/feeds.opml."
  type        = list(string)
  validation {
    condition     = length(var.feeds) > 0 && alltrue([for feed in var.feeds : can(regex("^(https?|gs)://[^ ]+$", feed))])
    error_message = "Each feed or list is an address that begins with http://, https:// or gs://."
  }
}

variable "contact" {
  description = "Address or page of whom publishers can turn to; stands in the user agent."
  type        = string
  validation {
    condition     = length(trimspace(var.contact)) > 3
    error_message = "Say how you can be reached, as in https://example.org/bot."
  }
}

variable "image_tag" {
  description = "Tag of the image newsbeam in the repository that this module makes."
  type        = string
  default     = "0.1.0"
  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.image_tag))
    error_message = "A tag has letters, digits, dots, hyphens and underscores."
  }
}

variable "starter" {
  description = "What starts and commits a pass: the Flex Template, or a driver that waits for the job."
  type        = string
  default     = "template"
  validation {
    condition     = can(regex("^(template|driver)$", var.starter))
    error_message = "Either template or driver."
  }
}

variable "schedule" {
  description = "When a pass starts, as five cron fields in UTC; further apart than a pass takes."
  type        = string
  default     = "0 * * * *"
  validation {
    condition     = can(regex("^([0-9*,/-]+ ){4}[0-9*,/-]+$", var.schedule))
    error_message = "Five fields of digits and *,/- as in \"0 * * * *\"."
  }
}

variable "workers" {
  description = "Machines that Dataflow may use for one pass."
  type        = number
  default     = 2
  validation {
    condition     = var.workers >= 1 && var.workers <= 1000 && floor(var.workers) == var.workers
    error_message = "A whole number from 1 to 1000."
  }
}

variable "machine_type" {
  description = "Type of these machines; annotation wants a core and 1 GB a process."
  type        = string
  default     = "e2-standard-4"
  validation {
    condition     = can(regex("^[a-z][a-z0-9]*-[a-z]+-[0-9]+$", var.machine_type))
    error_message = "A machine type is written as in e2-standard-4, and ends with its number of cores."
  }
}

variable "timeout" {
  description = "Longest time of one pass with a driver, in seconds; then it is ended, and the next start clears what it left."
  type        = string
  default     = "14400s"
  validation {
    condition     = can(regex("^[0-9]+s$", var.timeout))
    error_message = "Seconds, as in 14400s."
  }
}

variable "keep_staging_days" {
  description = "Days after which what Dataflow left in the bucket below beam/ is deleted."
  type        = number
  default     = 7
  validation {
    condition     = var.keep_staging_days >= 1
    error_message = "At least one day: a job that runs needs these files."
  }
}
