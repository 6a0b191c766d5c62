"""In a full house whoever keeps the service waiting makes room, the longest waiting first; whoever it serves stays."""

from app.kit.crowd import Crowd, Stage


class Guest:
    def __init__(self, name):
        self.name, self.gone = name, False

    def make_room(self):
        self.gone = True

    def leave(self):
        self.gone = True


def house(*stages):
    crowd = Crowd(len(stages))
    guests = [Guest(number) for number in range(len(stages))]
    for guest, stage in zip(guests, stages, strict=True):
        assert crowd.admit(guest)
        crowd.move(guest, stage)
    return crowd, guests


def test_those_in_the_least_useful_stage_go_first_and_the_served_never():
    crowd, guests = house(Stage.served, Stage.body, Stage.idle, Stage.head, Stage.unread, Stage.leaving)
    for expected in (5, 4, 3, 2, 1):
        newcomer = Guest("new")
        assert crowd.admit(newcomer)
        crowd.move(newcomer, Stage.served)
        assert [guest.name for guest in guests if guest.gone] == list(range(expected, 6))
    assert not crowd.admit(Guest("one too many"))
    assert not guests[0].gone
    assert len(crowd) == 6


def test_of_one_stage_the_longest_waiting_goes_and_a_newcomer_takes_the_last_place():
    crowd, guests = house(Stage.head, Stage.head, Stage.head)
    crowd.move(guests[0], Stage.head)  # no news: it keeps its place
    crowd.move(guests[1], Stage.body)
    crowd.move(guests[1], Stage.head)
    for expected in (0, 2, 1):
        assert crowd.admit(Guest("new"))
        assert guests[expected].gone


def test_whoever_has_left_is_forgotten():
    crowd, guests = house(Stage.idle, Stage.head)
    for guest in guests:
        crowd.remove(guest)
        crowd.remove(guest)
    assert len(crowd) == 0
    assert crowd.admit(Guest("new"))
    assert not any(guest.gone for guest in guests)


def test_of_too_much_left_unread_the_longest_unread_is_given_up():
    crowd = Crowd(10, unread=100)
    guests = [Guest(number) for number in range(4)]
    for guest in guests:
        assert crowd.admit(guest)
    crowd.burden(guests[0], 40)
    crowd.burden(guests[1], 40)
    crowd.burden(guests[0], 10)  # has read some of it and left other: unread since now
    crowd.burden(guests[2], 40)
    assert not any(guest.gone for guest in guests)
    crowd.burden(guests[3], 60)
    assert {guest.name for guest in guests if guest.gone} == {0, 1}
    assert len(crowd) == 2
    crowd.relieve(guests[2])
    crowd.burden(guests[3], 1000)  # alone: nobody is served better by its end
    assert not guests[3].gone
