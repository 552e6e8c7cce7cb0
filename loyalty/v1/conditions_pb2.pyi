from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Measure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEASURE_UNSPECIFIED: _ClassVar[Measure]
    MEASURE_AMOUNT: _ClassVar[Measure]
    MEASURE_QUANTITY: _ClassVar[Measure]
    MEASURE_LINES: _ClassVar[Measure]
MEASURE_UNSPECIFIED: Measure
MEASURE_AMOUNT: Measure
MEASURE_QUANTITY: Measure
MEASURE_LINES: Measure

class Condition(_message.Message):
    __slots__ = ("one_of", "within", "begins", "all_of", "any_of", "negation", "bought")
    ONE_OF_FIELD_NUMBER: _ClassVar[int]
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    BEGINS_FIELD_NUMBER: _ClassVar[int]
    ALL_OF_FIELD_NUMBER: _ClassVar[int]
    ANY_OF_FIELD_NUMBER: _ClassVar[int]
    NEGATION_FIELD_NUMBER: _ClassVar[int]
    BOUGHT_FIELD_NUMBER: _ClassVar[int]
    one_of: OneOf
    within: Within
    begins: Begins
    all_of: Conditions
    any_of: Conditions
    negation: Condition
    bought: Bought
    def __init__(self, one_of: _Optional[_Union[OneOf, _Mapping]] = ..., within: _Optional[_Union[Within, _Mapping]] = ..., begins: _Optional[_Union[Begins, _Mapping]] = ..., all_of: _Optional[_Union[Conditions, _Mapping]] = ..., any_of: _Optional[_Union[Conditions, _Mapping]] = ..., negation: _Optional[_Union[Condition, _Mapping]] = ..., bought: _Optional[_Union[Bought, _Mapping]] = ...) -> None: ...

class Conditions(_message.Message):
    __slots__ = ("parts",)
    PARTS_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.RepeatedCompositeFieldContainer[Condition]
    def __init__(self, parts: _Optional[_Iterable[_Union[Condition, _Mapping]]] = ...) -> None: ...

class OneOf(_message.Message):
    __slots__ = ("attribute", "values")
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    attribute: str
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, attribute: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class Within(_message.Message):
    __slots__ = ("attribute", "least", "most")
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    LEAST_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    attribute: str
    least: int
    most: int
    def __init__(self, attribute: _Optional[str] = ..., least: _Optional[int] = ..., most: _Optional[int] = ...) -> None: ...

class Begins(_message.Message):
    __slots__ = ("attribute", "prefix")
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    attribute: str
    prefix: str
    def __init__(self, attribute: _Optional[str] = ..., prefix: _Optional[str] = ...) -> None: ...

class Bought(_message.Message):
    __slots__ = ("measure", "lines", "least", "most")
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    LEAST_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    measure: Measure
    lines: Condition
    least: int
    most: int
    def __init__(self, measure: _Optional[_Union[Measure, str]] = ..., lines: _Optional[_Union[Condition, _Mapping]] = ..., least: _Optional[int] = ..., most: _Optional[int] = ...) -> None: ...
