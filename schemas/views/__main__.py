"""Print `docs/views.md`: `python -m schemas.views >docs/views.md`."""

from schemas.views import page

if __name__ == "__main__":
    print(page(), end="")
