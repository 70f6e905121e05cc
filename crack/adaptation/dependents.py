"""What depends on a model: told before it is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crack import settings
from crack.access import Role, change
from crack.adaptation.folder import fingerprint
from crack.evaluation.evaluated_model import evaluations_of
from crack.evaluation.kept import Evaluation
from crack.inference.card import ModelCard
from crack.inspections.store import list_inspections
from crack.reporting.words import count
from crack.runs.registry import Model, default_name, delete_model, list_models

_MOST_NAMED = 5


@dataclass(frozen=True)
class Dependents:
    """What would lose something with a model.

    Attributes:
        inspections: Those it answers, by structure, element and day.
        adapted: Names of the models adapted from it.
        evaluations: Those of it alone; they are deleted with it.
        is_default: Whether it is used if no model is named.
        hides_shipped: As of `Model`.
    """

    inspections: tuple[str, ...]
    adapted: tuple[str, ...]
    evaluations: tuple[Evaluation, ...]
    is_default: bool
    hides_shipped: bool

    @property
    def sentences(self) -> list[str]:
        """What deleting the model means, a sentence for each."""
        told = []
        if self.inspections:
            answered = count(len(self.inspections), "inspection")
            told.append(
                f"It answers {answered}: {_named(self.inspections)}. Answers and "
                "verdicts stay, but no photo can be added."
            )
        if self.adapted:
            models = count(len(self.adapted), "model")
            told.append(
                f"{models} adapted from it: {_named(self.adapted)}. They go on working."
            )
        if self.evaluations:
            what = [
                f"on {about['dataset']} ({about['part']})"
                for about in (evaluation.about for evaluation in self.evaluations)
            ]
            kept = count(len(what), "evaluation")
            told.append(f"Deleted with it: {kept} of it {_named(what)}.")
        if self.hides_shipped:
            told.append(
                "The model of this name that came with the program is used again."
            )
        elif self.is_default:
            told.append(
                "It is the default; that will be the one that came with the program."
            )
        return told


def dependents_of(model: Model) -> Dependents:
    """Return what depends on a model.

    Raises:
        CrackError: The database of inspections cannot be used.
    """
    others = [each for each in list_models() if each.name != model.name]
    folders = [each.folder for each in others]
    created = {each.card.created for each in others}
    if model.hides_shipped:
        folders.append(settings.SHIPPED_MODELS / model.name)
        created.add(ModelCard.read(folders[-1]).created)
    shared = {each.path for folder in folders for each in evaluations_of(folder)}
    mine = fingerprint(model.folder)
    return Dependents(
        inspections=tuple(
            f"{each.structure} / {each.element} ({each.inspected_on})"
            for each in (summary.inspection for summary in list_inspections())
            if each.model.created == model.card.created not in created
        ),
        adapted=tuple(
            each.name
            for each in others
            if each.card.adaptation and each.card.adaptation["fingerprint"] == mine
        ),
        evaluations=tuple(
            each for each in evaluations_of(model.folder) if each.path not in shared
        ),
        is_default=default_name() == model.name,
        hides_shipped=model.hides_shipped,
    )


@change("delete a model", Role.ADMIN, on="{model.name}")
def delete_with_evaluations(model: Model) -> None:
    """Delete a model of the user, and the evaluations that are of it alone.

    Raises:
        CrackError: It came with the program, or the database cannot be used.
    """
    evaluations = dependents_of(model).evaluations
    delete_model(model.name)
    for evaluation in evaluations:
        evaluation.delete()


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
